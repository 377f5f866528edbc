"""Bringing questions in from files.

`files` (with `archives`) makes any file one stream of bytes, `lines` makes it JSON objects,
`fine`, `seval` and `own` read an object into a `rows.Row`, `checks` says what holds across rows,
`stock` compares them with what is there, and `questions.import_questions` admits them.
"""
