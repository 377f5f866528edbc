"""Everyone outside the house, played for demo and tests.

This is a rehearsal: no model and no person said any of what is said here. It stands apart from
the rooms it rehearses with: standard library only, nothing of theirs is imported. What it knows of
the site it sees as a browser (`browser`), an API client (`client`) or a shell user (`shell`) does.

`story` tells it all, for the sample or for any other file of questions:

    make demo
    python -m config.serve --demo --once -- --file questions.jsonl --slug mine --languages en
"""
