"""The demo's partner: a real grocer's year of shopping, read from a data package and told as partner events."""
