"""Playing an endpoint that takes batch files: from request lines to result lines."""

import json
import time
from io import BytesIO

from curation.drafting import batch_ids, batch_results, batches
from tests.endpoint import Asked, good_reply


def requests_in(folder):
    """Return the requests of all files, in the order of the files."""
    files = sorted(folder.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def key_of(request):
    """Return the key of the call that a line asks for, or answers."""
    key, _file = batch_ids.read(request["custom_id"])
    return key


def asked(request):
    return Asked(time.monotonic(), request["url"], {}, request["body"])


def result(request, body=None, *, status=200, number=1):
    """Return the result line of a request; without a body a good one."""
    body = good_reply(asked(request)) if body is None else body
    return {
        "id": f"batch_req_{number}",
        "custom_id": request["custom_id"],
        "response": {"status_code": status, "request_id": f"req_{number}", "body": body},
        "error": None,
    }


def expired(request, name="batch_req_e"):
    error = {"code": "batch_expired", "message": "This request ran out of time."}
    return {
        "id": name,
        "custom_id": request["custom_id"],
        "response": None,
        "error": error,
    }


def file_of(lines):
    return BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def take(project, *lines):
    return batch_results.take(project=project, file=file_of(lines), by=None)


def exported(run, folder, **kwargs):
    """Write the calls of a run into files and return the requests in them."""
    batches.export(run=run, folder=folder, by=None, **kwargs)
    return requests_in(folder)
