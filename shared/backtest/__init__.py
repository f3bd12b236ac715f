"""Backtests: stored activity replayed under other rules, without effects, and what that would have come to."""
