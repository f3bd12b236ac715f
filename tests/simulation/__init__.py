"""The whole engine in one process, on a broker and stores in memory, with faults chosen by a seed."""
