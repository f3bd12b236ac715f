"""The `doublestar` command: each module adds the commands of one subject to it."""
