"""Arithmetic of Touchstone: no Django, no database, no network.

From a shell: ``python -m scoring ANSWERS.jsonl --release mcq.jsonl``. From Python::

    from scoring.records import Reply, release_item
    from scoring.reports import score

    report = score([release_item(row) for row in rows], replies, by="dimension", policy="fail")
    report.as_dict()

``score`` raises ``scoring.refusals.NotScored`` with every reason it found, and never guesses.
"""
