"""Benchmarks: run by people (`make bench`), never timed in CI."""
