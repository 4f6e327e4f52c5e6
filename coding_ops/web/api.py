"""What every view of the API shares: strict input, one form of refusal, cursors, and its description.

Refusals are ``{"detail", "code"}`` with further facts beside them.  Input that a view does not know is
refused, not dropped: a field that cannot be set must not look as if it had been.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.views import APIView, exception_handler

from coding_ops.core.errors import DomainError, InvalidInput, NotFound
from coding_ops.tenancy.scope import current_client_ids
from coding_ops.web.errors import response_for

LONGEST_CURSOR = 400
NAMED_FIELDS = 20


class TooLarge(APIException):
    """The body is larger than the API reads."""

    status_code = 413
    default_detail = "The request is too large."
    default_code = "too_large"


class StrictJSONParser(JSONParser):
    """JSON of bounded size and depth.

    A document that nests deeper than Python's recursion limit raises an error that is not a ``ValueError``:
    it would be a fault of ours instead of the sender's.
    """

    def parse(self, stream: Any, *_context: Any, **_named: Any) -> Any:
        """The decoded document.  Raises ``ParseError`` (400) or ``TooLarge`` (413)."""
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(most + 1)
        if len(raw) > most:
            raise TooLarge
        try:
            return json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise ParseError("The body is not JSON in UTF-8, or it nests too deeply.") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class Input(serializers.Serializer[Any]):
    """A body or query of known fields only."""

    def to_internal_value(self, data: Any) -> Any:
        """Checks for names it does not know before anything else."""
        if isinstance(data, Mapping):
            unknown = [str(name)[:60] for name in data if name not in self.fields]
            if unknown:
                why = ["There is no such field here, or it cannot be set."]
                raise ValidationError(dict.fromkeys(unknown[:NAMED_FIELDS], why))
        return super().to_internal_value(data)


class Output(serializers.Serializer[Any]):
    """What a view answers: checked against its description each time it is sent."""


class Problem(Output):
    """A refusal.  Other facts may stand beside these two."""

    detail = serializers.CharField(help_text="One sentence for a person; no patient data.")
    code = serializers.CharField(help_text="A stable name for a program, e.g. `evidence.missing`.")


class InputProblem(Problem):
    """The request has missing, wrong or unknown fields."""

    fields_ = serializers.DictField(help_text="What is wrong, by field.", required=False)

    def get_fields(self) -> dict[str, Any]:
        """``fields`` is a name of the base class, so it is given its own here."""
        fields = super().get_fields()
        fields["fields"] = fields.pop("fields_")
        return fields


class ApiSchema(AutoSchema):
    """Describes bodies of DELETE too: each change names the lease it is made under."""

    def _get_request_body(self, direction: str = "request") -> Any:
        method = self.method
        if method == "DELETE" and self.get_request_serializer() is not None:
            self.method = "POST"
        try:
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        finally:
            self.method = method


class ApiView(APIView):
    """Base of the API's views: JSON only, signed-in people only, one form of refusal."""

    parser_classes = [StrictJSONParser]
    schema = ApiSchema()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The client's slug is left out: the middleware has turned it into ``request.client``."""
        kwargs.pop("client_slug", None)
        return super().dispatch(request, *args, **kwargs)

    def get_exception_handler(self) -> Any:
        """One form of refusal for everything below ``/api/``."""
        return problem_response

    def read(self, serializer: type[Input], request: Request) -> dict[str, Any]:
        """The checked body.  Raises ``ValidationError``, answered as 422."""
        return self._checked(serializer, request.data)

    def read_query(self, serializer: type[Input], request: Request) -> dict[str, Any]:
        """The checked query.  A name given twice is refused: two programs would read different values."""
        for name, values in request.query_params.lists():
            if len(values) > 1:
                raise ValidationError({str(name)[:60]: ["Give it once."]})
        return self._checked(serializer, request.query_params.dict())

    def _checked(self, serializer: type[Input], data: Any) -> dict[str, Any]:
        bound = serializer(data=data)
        bound.is_valid(raise_exception=True)
        return dict(bound.validated_data)


def problem_response(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Each refusal as ``{"detail", "code"}``; what is not a refusal stays a fault."""
    request: HttpRequest = context["request"]._request
    if isinstance(exc, Http404):
        exc = NotFound()
    elif isinstance(exc, RequestDataTooBig):
        exc = TooLarge()
    elif isinstance(exc, ValidationError):
        exc = InvalidInput("The request has missing or wrong fields.", details={"fields": exc.detail})
    if isinstance(exc, DomainError):
        if current_client_ids():
            transaction.set_rollback(True)  # the middleware's transaction around this request
        # Django's own response, so that it equals the middleware's to the byte: foreign and missing are one.
        return response_for(request, exc)
    response = exception_handler(exc, dict(context))
    if response is not None and isinstance(exc, APIException):
        response.data = {"detail": str(exc.detail), "code": _code_of(exc)}
    return response


def _code_of(exc: APIException) -> str:
    codes = exc.get_codes()
    return codes if isinstance(codes, str) else exc.default_code


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer to an address that no view has: that of a thing that is not there."""
    return response_for(request, NotFound())


# --- cursors -----------------------------------------------------------------------------------------------


def cursor_of(*parts: str) -> str:
    """Where a list goes on, as one opaque word."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def parts_of(cursor: str, count: int) -> tuple[str, ...]:
    """What ``cursor_of`` was given.

    Raises:
        InvalidInput: it was not made here.
    """
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        found = None
    if len(cursor) > LONGEST_CURSOR or not isinstance(found, list) or len(found) != count:
        raise bad_cursor()
    if not all(isinstance(part, str) for part in found):
        raise bad_cursor()
    return tuple(found)


def bad_cursor() -> InvalidInput:
    """The refusal of a cursor that was not made here."""
    return InvalidInput("The cursor is not one of this list: start again without it.", code="cursor.invalid")


def answers(
    good: Mapping[int, type[serializers.BaseSerializer[Any]] | serializers.BaseSerializer[Any] | None],
    *refusals: int,
) -> dict[int, Any]:
    """Responses of an operation for its description: the good ones, and those refusals it can give.

    Every operation can refuse people who are not signed in (403) and names it does not know (422).
    """
    return dict(good) | dict(_described({403, 422, *refusals} - set(good)))


def _described(statuses: set[int]) -> Iterator[tuple[int, Any]]:
    for status in sorted(statuses):
        yield status, InputProblem if status == 422 else Problem
