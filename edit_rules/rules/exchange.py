"""Rules as JSON, for carrying them from one client to another.

``{"format": "edit-rules/1", "rules": [{"name", "builtin", "payer", "level", "conditions", "effective_from",
…}]}``: what each rule says now, without its number, history and counts, which are the client's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from coding_ops.core.errors import InvalidInput
from edit_rules.rules.apply import Level
from edit_rules.rules.conditions import parse_conditions
from edit_rules.rules.content import Content, problems_of

FORMAT = "edit-rules/1"
MOST_RULES = 500
TEXTS = ("name", "message", "satisfy", "citation")
FIELDS = frozenset(
    (*TEXTS, "builtin", "payer", "level", "conditions", "per_line", "citation_on", "bypass",
     "effective_from", "effective_to")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Carried:
    """One rule on its way."""

    builtin: str
    payer: str
    content: Content


def write_rules(rules: Iterable[Carried]) -> str:
    """The JSON text of rules; ``read_rules`` of it gives the same ones."""
    body = {"format": FORMAT, "rules": [_body(one) for one in rules]}
    return json.dumps(body, ensure_ascii=False, indent=1)


def read_rules(text: str, reason: str) -> tuple[Carried, ...]:
    """The rules of a JSON text, each fit to be saved.

    Raises:
        InvalidInput: the first thing that is wrong, with ``details["path"]``; then nothing is taken.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid("", "The text is not JSON.") from error
    if not isinstance(body, Mapping) or body.get("format") != FORMAT:
        raise _invalid("format", f"Must be “{FORMAT}”, as Export writes it.")
    rules = body.get("rules")
    if not isinstance(rules, list) or not 1 <= len(rules) <= MOST_RULES:
        raise _invalid("rules", f"Must be a list of 1 to {MOST_RULES} rules.")
    return tuple(_rule(rule, f"rules[{at}]", reason) for at, rule in enumerate(rules))


def _rule(value: Any, path: str, reason: str) -> Carried:
    if not isinstance(value, Mapping):
        raise _invalid(path, "Must be an object.")
    unknown = sorted(str(name) for name in value if name not in FIELDS)
    if unknown:
        raise _invalid(f"{path}.{unknown[0]}", "Is not known here.")
    texts = {name: _text(value, name, path) for name in (*TEXTS, "builtin", "payer")}
    level = next((one for one in Level if one == value.get("level")), None)
    if level is None:
        raise _invalid(f"{path}.level", f"Must be one of {', '.join(Level)}.")
    try:
        conditions = parse_conditions(value.get("conditions", {}))
    except InvalidInput as error:
        raise _invalid(f"{path}.conditions.{error.details['path']}".rstrip("."), error.message) from error
    begins = _day(value, "effective_from", path)
    if begins is None:
        raise _invalid(f"{path}.effective_from", "Give the first day of service, as 2026-11-01.")
    content = Content(
        **{name: texts[name] for name in TEXTS},
        level=level,
        conditions=conditions,
        effective_from=begins,
        effective_to=_day(value, "effective_to", path),
        per_line=value.get("per_line") is True,
        citation_on=_day(value, "citation_on", path),
        bypass=tuple(_texts(value, "bypass", path)),
    )
    carried = Carried(texts["builtin"], texts["payer"], content)
    problems = problems_of(content, builtin=carried.builtin, payer=carried.payer, reason=reason)
    for name, told in problems.items():
        raise _invalid(f"{path}.{name}", told)
    return carried


def _body(one: Carried) -> dict[str, Any]:
    content = one.content
    return {
        "name": content.name,
        "builtin": one.builtin,
        "payer": one.payer,
        "level": content.level.value,
        "conditions": content.conditions.body(),
        "per_line": content.per_line,
        "message": content.message,
        "satisfy": content.satisfy,
        "citation": content.citation,
        "citation_on": content.citation_on.isoformat() if content.citation_on else None,
        "bypass": list(content.bypass),
        "effective_from": content.effective_from.isoformat(),
        "effective_to": content.effective_to.isoformat() if content.effective_to else None,
    }


def _text(value: Mapping[str, Any], name: str, path: str) -> str:
    found = value.get(name, "")
    if not isinstance(found, str):
        raise _invalid(f"{path}.{name}", "Must be a text.")
    return " ".join(found.split())


def _texts(value: Mapping[str, Any], name: str, path: str) -> Sequence[str]:
    found = value.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise _invalid(f"{path}.{name}", "Must be a list of texts.")
    return found


def _day(value: Mapping[str, Any], name: str, path: str) -> date | None:
    found = value.get(name)
    if found is None or found == "":
        return None
    try:
        return date.fromisoformat(found)
    except (TypeError, ValueError) as error:
        raise _invalid(f"{path}.{name}", "Must be a date such as 2026-11-01.") from error


def _invalid(path: str, message: str) -> InvalidInput:
    told = f"{path}: {message}" if path else message
    return InvalidInput(told, code="edit_rules.import", details={"path": path})
