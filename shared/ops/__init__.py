"""For operators: run the services, reconcile the books, tell why, read and replay dead letters."""
