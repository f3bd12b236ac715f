"""The contracts: what partners send and what services tell each other. The only meaning that services share."""
