"""The site, with what BARS_PLANTED names in the place of something of its own."""

import json
import os

from config.wsgi import application
from tests.bars.faults import Function, planted

__all__ = ["application"]

with planted(tuple(Function(*names) for names in json.loads(os.environ["BARS_PLANTED"]))):
    pass  # functions are replaced for good
