"""What the services share: contracts, rules, runtime, and the tools of one machine."""
