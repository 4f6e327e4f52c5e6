"""What the API of claims accepts; what is allowed the actions decide."""

from __future__ import annotations

import tempfile
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import BaseParser

from claims.models import ClaimFormat, ClaimStatus, FileKind, FileState
from coding_ops.web.api import Input, TooLarge

X12_TYPE = "application/edi-x12"
_PIECE = 1024 * 1024
_IN_MEMORY = 2 * _PIECE


class X12Parser(BaseParser):
    """The body is the file, of any size that is accepted; it is spooled, not held in memory."""

    media_type = X12_TYPE

    def parse(self, stream: Any, *_context: Any, **_named: Any) -> dict[str, Any]:
        """``{"file": the bytes as a seekable stream}``.  Raises ``TooLarge`` (413)."""
        kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - lives as long as the request
        size = 0
        for piece in iter(lambda: stream.read(_PIECE), b""):
            size += len(piece)
            if size > settings.INTAKE_MAX_BYTES:
                kept.close()
                raise TooLarge
            kept.write(piece)
        kept.seek(0)
        return {"file": kept}


@extend_schema_field({"type": "string"})
class WordField(serializers.ChoiceField):
    """Its choices are named in words: several lists have a state, and each would get a made-up name."""


class FileListQuery(Input):
    """Which files of a client."""

    kind = WordField(choices=FileKind.choices, required=False, help_text="`837`, `999`, `277CA`, `835`.")
    state = WordField(choices=FileState.choices, required=False)
    cursor = serializers.CharField(max_length=400, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=50)


class FileInput(Input):
    """A file as text.  Larger ones than 2 MB are sent as the body itself, with type application/edi-x12."""

    content = serializers.CharField(trim_whitespace=False, help_text="The X12 text, from ISA to IEA.")
    filename = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class ClaimListQuery(Input):
    """Which claims of a client."""

    state = WordField(choices=ClaimStatus.choices, required=False)
    form = WordField(choices=ClaimFormat.choices, required=False, help_text="`837P` or `837I`.")
    payer = serializers.UUIDField(required=False)
    encounter = serializers.UUIDField(required=False)
    service_from = serializers.DateField(required=False)
    service_to = serializers.DateField(required=False)
    cursor = serializers.CharField(max_length=400, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=50)
