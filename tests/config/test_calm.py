import datetime
import io

import pytest
from honcho.printer import Message

from config.calm import CalmPrinter


@pytest.fixture
def printer():
    return CalmPrinter(io.StringIO(), io.StringIO())


def line(name, data):
    now = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
    return Message(type="line", data=data, time=now, name=name, colour=None)


def said(printer):
    return printer._story.output.getvalue(), printer.output.getvalue()


def test_the_story_speaks_plainly_and_the_others_by_name(printer):
    printer.write(line("system", "web started (pid=7)\n"))
    printer.write(line("story", " 1  Import\n"))
    printer.write(line("web", "something is wrong\n"))

    story, others = said(printer)
    assert story == " 1  Import\n"
    assert others == "00:00:00 web | something is wrong\n"


def test_the_process_that_ended_first_is_named(printer):
    printer.write(line("system", "worker stopped (rc=1)\n"))
    printer.write(line("system", "sending SIGTERM to web (pid 7)\n"))
    printer.write(line("system", "web stopped (rc=-15)\n"))

    assert said(printer) == ("", "00:00:00 system | worker stopped (rc=1)\n")


@pytest.mark.parametrize("first", ["SIGINT received\n", "story stopped (rc=0)\n"])
def test_an_end_that_was_wanted_is_quiet(printer, first):
    printer.write(line("system", first))
    printer.write(line("system", "web stopped (rc=-15)\n"))

    assert said(printer) == ("", "")
