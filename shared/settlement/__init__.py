"""Settlement: what partners of a coalition owe each other for a period, and what the programme owes its members."""
