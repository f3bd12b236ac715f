"""Everything is killed at random, and not one star changes."""
