"""Definitions that marketers edit: read, checked, versioned, compiled, matched and explained. Pure: no I/O here."""
