"""A naive interpreter of definitions: plain loops over plain dicts, nothing compiled, indexed or kept.

It shares only the parser with the product, whose tree it walks with arithmetic of its own (fractions), and it takes
history and limits from the list of all that happened.
"""
