"""The counter: what people and tills ask of the ledger. Commands, decided in batches, kept in the same books."""
