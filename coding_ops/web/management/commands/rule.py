"""`manage.py rule NAME`: one pure rule, JSON on stdin, its decision on stdout.

Rules are named in `settings.RULES`; each is a function from a JSON object to a JSON object that raises
`DomainError` for input it cannot take.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.module_loading import import_string

from coding_ops.core.errors import DomainError, InvalidInput

Rule = Callable[[dict[str, Any]], dict[str, Any]]


class Command(BaseCommand):
    help = (
        "Run one rule by name: a JSON object, or JSON lines, on stdin; the decision with its trace on stdout."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help=f"One of: {', '.join(sorted(settings.RULES))}.")

    def handle(self, *args: Any, **options: Any) -> None:
        failed = False
        try:
            rule = rule_of(options["name"])
            for request in read_requests(sys.stdin):
                failed |= self._answer(rule, request)
        except DomainError as error:
            self._write(error_body(error))
            failed = True
        if failed:
            sys.exit(1)

    def _answer(self, rule: Rule, request: dict[str, Any]) -> bool:
        """Answer one object; True when it was refused. The other lines are answered all the same."""
        try:
            self._write(rule(request))
        except DomainError as error:
            self._write(error_body(error))
            return True
        return False

    def _write(self, body: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(body, ensure_ascii=False, default=str))


def rule_of(name: str) -> Rule:
    """The function behind a name. Raises InvalidInput, naming those there are."""
    path = settings.RULES.get(name)
    if path is None:
        known = ", ".join(sorted(settings.RULES))
        raise InvalidInput(
            f"There is no rule {name}. There are: {known}.", code="rule.unknown", details={"path": ""}
        )
    rule: Rule = import_string(path)
    return rule


def read_requests(stream: TextIO) -> Iterator[dict[str, Any]]:
    """The JSON objects of a stream: one object over any number of lines, or one object a line.

    Raises InvalidInput with the line that is not JSON.
    """
    text = stream.read()
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        yield from _lines(text)
    else:
        yield _object(whole, "")


def _lines(text: str) -> Iterator[dict[str, Any]]:
    # Read all before the first answer: a broken line refuses the whole input.
    found: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidInput(
                f"Line {number} is not JSON: {error.msg}.",
                code="invalid_json",
                details={"path": f"line {number}"},
            ) from error
        found.append(_object(value, f"line {number}"))
    if not found:
        raise InvalidInput("There is nothing on stdin; expected a JSON object.", code="invalid_json")
    yield from found


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput("A JSON object is expected.", code="invalid_json", details={"path": path})
    return value


def error_body(error: DomainError) -> dict[str, Any]:
    """The error as the interface fixes it: code, message and the path of what is wrong."""
    path = str(error.details.get("path", ""))
    return {"error": {"code": error.code, "message": error.message, "path": path}}
