"""Seal all stored keys of endpoints with the newest master key."""

from typing import Any

from curation import endpoints
from curation.commands import RoomCommand


class Command(RoomCommand):
    help = "Seal stored keys with the first of the master keys; the others may go afterwards."

    def act(self, **options: Any) -> dict[str, Any]:
        return {"resealed": endpoints.reseal()}

    def report(self, result: dict[str, Any]) -> str:
        return f"Sealed anew: {result['resealed']}."
