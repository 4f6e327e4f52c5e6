"""The API's description, OpenAPI 3.1: for everybody, signed in or not; it holds no data of anybody."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class Schema(APIView):
    """``/api/v1/schema/``: JSON, or YAML when asked for by the Accept header."""

    permission_classes = [AllowAny]
    authentication_classes = []
    renderer_classes = [OpenApiJsonRenderer, OpenApiJsonRenderer2, JSONRenderer, OpenApiYamlRenderer]

    @extend_schema(exclude=True)
    def get(self, _request: Request) -> Response:
        """Made once a process: the code it describes does not change while it runs."""
        return Response(description())


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """The whole description as a document."""
    generator = SchemaGenerator(api_version="v1")  # type: ignore[no-untyped-call]
    schema: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema
