"""What the OpenAPI schema tells of our own parts."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

# Members that some types of problem have, each with the component it is described by.
MEMBERS = [
    ("draft", "Draft", "What is kept of the worker's text."),
    ("judgement", "Judgement", "The submission that stands."),
    ("first", "Adjudication", "The decision that settled it."),
]
PROBLEM = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        **{
            name: {"description": words, "oneOf": [{"$ref": f"#/components/schemas/{schema}"}]}
            for name, schema, words in MEMBERS
        },
        "reasons": {
            "description": "Why nothing can be claimed.",
            "type": "array",
            "items": {"$ref": "#/components/schemas/Reason"},
        },
        "shown": {"description": "What a refused submission was about.", "type": "object"},
        "yours": {"description": "What a refused edit said.", "type": "object"},
        "now": {"description": "What stands there now.", "type": "object"},
        "judged": {"description": "Whether the worker has judged the seat.", "type": "boolean"},
        "skipped": {"description": "Whether the worker skipped the matter.", "type": "boolean"},
    },
}
FAULTS = {
    "400": "Something in the request is not valid.",
    "401": "There is no token, or it is not in force.",
    "403": "The token lacks the scope.",
    "404": "There is no such thing, or not for you.",
}


class BearerScheme(OpenApiAuthenticationExtension):
    """How a token is given."""

    target_class = "api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "ts_…"}


def with_problems(result: dict[str, Any], **kwargs: object) -> dict[str, Any]:
    """Add the ways in which every operation can say no."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in result["paths"].values():
        for operation in path.values():
            for status, words in FAULTS.items():
                answer = {"description": words, "content": content}
                operation["responses"].setdefault(status, answer)
            for status, answer in operation["responses"].items():
                if int(status) >= HTTPStatus.BAD_REQUEST:
                    answer.setdefault("content", content)
    return result
