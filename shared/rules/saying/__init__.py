"""What is said to people about rules: as values for machines, and as sentences in each language."""
