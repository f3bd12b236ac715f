"""The expression language of conditions: text to syntax, checked against the catalogue, to closures. Pure."""
