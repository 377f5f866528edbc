"""Everyone outside the house, played for demo and tests.

This is a rehearsal: no model and no person said any of what is said here. It stands apart from
the rooms it rehearses with: standard library only, nothing of theirs is imported.
"""
