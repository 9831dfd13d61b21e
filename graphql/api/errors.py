"""Two kinds of answer to what cannot be done.

A refusal of the engine is data in a mutation's payload (`problems`). Everything else is an entry of the
response's `errors` (`formatted`): what a caller can mend says so, what they cannot is masked and logged.
What a person may come to see is translated; what only a program's author sees is in English, as
graphql-core's own messages are.
"""

from __future__ import annotations

import logging
from typing import Any

from django.utils.translation import gettext as _
from graphql import GraphQLError, GraphQLSyntaxError

from api import types
from workflows.errors import InvalidInput, Refused

log = logging.getLogger(__name__)

WHOLE_FORM = "__all__"


class ApiError(Exception):
    """The request itself cannot be served; its message is for the caller."""

    code = "BAD_REQUEST"
    status = 400

    @property
    def message(self) -> str:
        return str(self)


class Unauthenticated(ApiError):
    """There is no token, or it is unknown, expired or revoked: the answer does not tell which."""

    code = "UNAUTHENTICATED"
    status = 401

    def __init__(self) -> None:
        super().__init__("A valid token is needed: Authorization: Bearer lx_…")


class MethodNotAllowed(ApiError):
    code = "METHOD_NOT_ALLOWED"
    status = 405

    def __init__(self) -> None:
        super().__init__("Send a POST request.")


class NotJson(ApiError):
    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415

    def __init__(self) -> None:
        super().__init__("Send the request as application/json.")


class TooLarge(ApiError):
    code = "PAYLOAD_TOO_LARGE"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request is larger than {limit} bytes.")


class InvalidCursor(ApiError):
    code = "INVALID_CURSOR"

    def __init__(self) -> None:
        super().__init__("This is not a cursor of this list; leave out “after” to begin at the start.")


class BadArgument(ApiError):
    code = "BAD_USER_INPUT"


def problems(refusal: Refused) -> list[types.UserError]:
    """Return a refusal as data: one entry a problem, with its field where it has one."""
    if isinstance(refusal, InvalidInput):
        return [
            types.UserError(
                field=None if name == WHOLE_FORM else name, message=str(message), code=refusal.code
            )
            for name, messages in refusal.fields.items()
            for message in messages
        ]
    return [types.UserError(field=None, message=refusal.message, code=refusal.code)]


def formatted(error: Exception, request_id: str) -> dict[str, Any]:
    """Return an entry of `errors`. Only what is known to be meant for the caller passes unmasked."""
    cause = error.original_error if isinstance(error, GraphQLError) else error
    if isinstance(cause, ApiError):
        return _entry(error, cause.message, {"code": cause.code})
    if isinstance(error, GraphQLError) and _is_about_the_request(error):
        return _entry(error, error.message, {"code": _spec_code(error)})
    log.error("GraphQL request %s failed.", request_id, exc_info=cause)
    message = _("Something went wrong here; it has been logged under the correlation id.")
    return _entry(error, message, {"code": "INTERNAL_ERROR", "correlationId": request_id})


def _entry(error: Exception, message: str, extensions: dict[str, str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"message": message}
    if isinstance(error, GraphQLError):
        place = dict(error.formatted)
        entry.update({name: place[name] for name in ("locations", "path") if name in place})
    return {**entry, "extensions": extensions}


def _is_about_the_request(error: GraphQLError) -> bool:
    """Tell whether graphql-core says what is wrong with the document or its variables.

    It raises the same class for a value of ours that does not fit the schema; that one alone is found
    during execution and points at no place in the document by itself.
    """
    cause = error.original_error
    if isinstance(cause, GraphQLError) and cause.original_error is None:
        return not error.path or bool(cause.nodes)
    return cause is None


def _spec_code(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    return "BAD_USER_INPUT" if error.path else "GRAPHQL_VALIDATION_FAILED"
