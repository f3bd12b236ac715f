"""The services: one room each; no service imports another."""
