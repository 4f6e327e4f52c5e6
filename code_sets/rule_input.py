"""Reading the JSON of a rule command: each value checked where it stands, each refusal with its JSON path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from code_sets.rules.forms import check_form
from coding_ops.core.errors import InvalidInput


def invalid(path: str, what: str) -> InvalidInput:
    """The refusal of the value at `path`; `what` continues the sentence after the path."""
    return InvalidInput(f"{path or 'The request'} {what}.", code="invalid", details={"path": path})


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object and the path it stands at; every method raises InvalidInput naming the field.

    `default` None means that the field may be absent or null, and that None is answered.
    """

    values: Mapping[str, Any]
    path: str = ""

    def at(self, name: str) -> str:
        """The path of one field."""
        return f"{self.path}.{name}" if self.path else name

    def text(self, name: str) -> str:
        """A text that is not blank."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value.strip():
            raise invalid(self.at(name), "must be a text")
        return value.strip()

    def text_or_none(self, name: str) -> str | None:
        """The same, or None where the field is absent or null."""
        return None if self.values.get(name) is None else self.text(name)

    def verbatim(self, name: str) -> str:
        """A text exactly as it stands, because places in it are answered; empty where absent or null."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            raise invalid(self.at(name), "must be a text")
        return value or ""

    def texts(self, name: str) -> list[str]:
        """A list of texts that are not blank; an empty one where the field is absent or null."""
        found = [(path, one) for path, one in self._items(name)]
        for path, one in found:
            if not isinstance(one, str) or not one.strip():
                raise invalid(path, "must be a text")
        return [one.strip() for _, one in found]

    def choice(self, name: str, known: Iterable[str], default: str | None = None) -> str:
        """One of `known`; the refusal lists them. A default other than None stands in for null."""
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        names = list(known)
        if not isinstance(value, str) or value not in names:
            raise invalid(self.at(name), f"must be one of {', '.join(names)}")
        return value

    def whole(self, name: str, lowest: int, highest: int) -> int:
        """A whole number between the two, both included."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise invalid(self.at(name), f"must be a whole number from {lowest} to {highest}")
        return value

    def whole_or_none(self, name: str, lowest: int, highest: int) -> int | None:
        """The same, or None where the field is absent or null."""
        return None if self.values.get(name) is None else self.whole(name, lowest, highest)

    def flag(self, name: str) -> bool:
        """true or false; false where the field is absent or null."""
        value = self.values.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise invalid(self.at(name), "must be true or false")
        return value

    def day(self, name: str) -> date:
        """A date in ISO 8601."""
        value = self.values.get(name)
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            raise invalid(self.at(name), "must be a date such as 2026-11-01") from None

    def day_or_none(self, name: str) -> date | None:
        """The same, or None where the field is absent or null."""
        return None if self.values.get(name) is None else self.day(name)

    def number(self, name: str, lowest: str, highest: str, places: int) -> Decimal:
        """A decimal between the two, both included, with at most so many places; a text or a number."""
        value = self.values.get(name)
        path, shape = self.at(name), f"must be a number from {lowest} to {highest}, at most {places} decimals"
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise invalid(path, shape)
        try:
            found = Decimal(str(value).strip())
        except InvalidOperation:
            raise invalid(path, shape) from None
        # The bounds come first: they also turn away NaN and exponents that no rounding could hold.
        if not found.is_finite() or not Decimal(lowest) <= found <= Decimal(highest):
            raise invalid(path, shape)
        if found != round(found, places):
            raise invalid(path, shape)
        return found

    def number_or_none(self, name: str, lowest: str, highest: str, places: int) -> Decimal | None:
        """The same, or None where the field is absent or null."""
        return None if self.values.get(name) is None else self.number(name, lowest, highest, places)

    def inner(self, name: str) -> Fields:
        """An object; an empty one where the field is absent or null."""
        return _object({} if self.values.get(name) is None else self.values[name], self.at(name))

    def objects(self, name: str) -> list[Fields]:
        """A list of objects; an empty one where the field is absent or null."""
        return [_object(one, path) for path, one in self._items(name)]

    def listed(self, name: str) -> list[Fields]:
        """A list of objects that must be there, though it may be empty."""
        if self.values.get(name) is None:
            raise invalid(self.at(name), "must be a list")
        return self.objects(name)

    def code(self, name: str, system: str) -> str:
        """A code that has the form of its system, as it is stored: upper case, without the dot."""
        return _code(self.values.get(name), self.at(name), system)

    def codes(self, name: str, system: str) -> list[str]:
        """A list of such codes; an empty one where the field is absent or null."""
        return [_code(one, path, system) for path, one in self._items(name)]

    def _items(self, name: str) -> list[tuple[str, Any]]:
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise invalid(self.at(name), "must be a list")
        return [(f"{self.at(name)}[{place}]", one) for place, one in enumerate(value)]


def _object(value: Any, path: str) -> Fields:
    if not isinstance(value, dict):
        raise invalid(path, "must be an object")
    return Fields(value, path)


# The same codes come again and again in a file of requests.
_checked_form = lru_cache(maxsize=65_536)(check_form)


def _code(value: Any, path: str, system: str) -> str:
    checked = _checked_form(system, value if isinstance(value, str) else "")
    if not checked.ok:
        raise InvalidInput(checked.reason, code="invalid", details={"path": path})
    return checked.value
