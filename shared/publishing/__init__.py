"""How definitions are published: versions, differences, rollbacks, approvals; decided purely, done by the office.

The registry is campaigns' own database. The command line and campaigns decide and write by this one package, so that a
version means the same whoever publishes it.
"""
