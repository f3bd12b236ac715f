"""Tests over real sockets: Kafka, MongoDB, processes."""
