"""Engines: who tells which rules' conditions hold for an event. Limits, effects and stacking are no engine's matter."""
