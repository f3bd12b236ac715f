"""Broken definition files by the thousand."""
