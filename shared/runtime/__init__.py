"""The one batch loop that every consumer runs in: inbox, outbox, dead letters, retries, health."""
