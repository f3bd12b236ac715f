"""earn: the front door. Owns members, identities and the points ledger."""
