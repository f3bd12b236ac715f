"""What two implementations of one interface must both do."""
