"""The ledger's arithmetic: lots, holds and accounts of a member's document. Pure; earn decides by it."""
