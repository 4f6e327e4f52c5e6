"""Building an ICD-10-PCS code axis by axis: which values may follow, and whether a whole code is valid.

Only values of one row of a table may be combined, so a code that is built here is valid by construction.

Sources: CMS, ICD-10-PCS Official Guidelines for Coding and Reporting, conventions A1 (seven characters, each
an axis), A4 (the meaning of a value depends on those before it), A8 (all seven must be given) and A9 (valid
are all combinations of positions 4 to 7 within one row of a table); ICD-10-PCS Tables of the release.
"""

from __future__ import annotations

from dataclasses import dataclass

from code_sets.rules.pcs_table import HEAD, LENGTH, PcsTable, PcsTables, Row


@dataclass(frozen=True, slots=True)
class Value:
    """One value an axis may take. `label`, `definition`: None where the release's file gives none."""

    value: str
    label: str | None
    definition: str | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """One of the seven positions (from 1) and what it may take after the characters chosen before it."""

    position: int
    name: str
    values: tuple[Value, ...]

    def get(self, value: str) -> Value | None:
        return next((one for one in self.values if one.value == value), None)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A character of the code: its axis, and what it stands for."""

    position: int
    name: str
    value: str
    label: str | None


@dataclass(frozen=True, slots=True)
class Build:
    """How far a code has come.

    Attributes:
        prefix: the characters that may stand; a whole code when `valid`.
        next: the axis to choose from; None when the code is whole.
        refused: the first character typed that no row allows here; empty when all were taken.
        operation: the definition of the operation, as soon as the table is chosen; None where none is given.
    """

    prefix: str
    chosen: tuple[Chosen, ...]
    next: Axis | None
    refused: str = ""
    operation: str | None = None

    @property
    def valid(self) -> bool:
        """All seven characters, from one row."""
        return len(self.prefix) == LENGTH

    @property
    def title(self) -> str:
        """The labels in the order of the axes; a value without a label is named by its axis."""
        return ", ".join(one.label or f"{one.name} {one.value}" for one in self.chosen)


def build(tables: PcsTables, typed: str) -> Build:
    """Take the characters of `typed` as far as the tables allow, without blanks and in capitals."""
    characters = "".join(typed.upper().split())[:LENGTH]
    prefix = ""
    chosen: list[Chosen] = []
    axis: Axis | None = _head_axis(tables, "")
    table: PcsTable | None = None
    refused = ""
    for character in characters:
        value = axis.get(character) if axis is not None else None
        if axis is None or value is None:
            refused = character
            break
        prefix += character
        chosen.append(Chosen(axis.position, axis.name, character, value.label))
        if len(prefix) < HEAD:
            axis = _head_axis(tables, prefix)
        else:
            table = table or tables.table(prefix)
            axis = _row_axis(table, prefix) if table is not None else None
    return Build(prefix, tuple(chosen), axis, refused, table.definition if table is not None else None)


def is_valid(tables: PcsTables, code: str) -> bool:
    """Whether a whole code is one of the release's: all four last characters from one row."""
    table = tables.table(code[:HEAD]) if len(code) == LENGTH else None
    return table is not None and bool(_rows(table, code))


def explain(tables: PcsTables, code: str) -> tuple[Chosen, ...]:
    """What each character of a valid code stands for; () for a code that is not valid."""
    found = build(tables, code)
    return found.chosen if found.valid and len(code) == LENGTH else ()


def _rows(table: PcsTable, prefix: str) -> list[Row]:
    """The rows that hold all characters chosen after the third."""
    chosen = prefix[HEAD:]
    return [
        row
        for row in table.rows
        if all(character in values for character, values in zip(chosen, row, strict=False))
    ]


def _row_axis(table: PcsTable, prefix: str) -> Axis | None:
    position = len(prefix)
    if position == LENGTH:
        return None
    labels: dict[str, str | None] = {}
    for row in _rows(table, prefix):
        for value, label in row[position - HEAD].items():
            labels[value] = labels.get(value) or label
    values = tuple(Value(value, labels[value]) for value in sorted(labels))
    return Axis(position + 1, table.names[position], values)


def _head_axis(tables: PcsTables, prefix: str) -> Axis:
    """Section, body system or operation: what the tables beginning with the prefix have there."""
    position = len(prefix)
    name = ""
    labels: dict[str, str | None] = {}
    for head in tables.prefixes:
        if head.startswith(prefix):
            names, titles = tables.head(head)
            name = name or names[position]
            labels[head[position]] = labels.get(head[position]) or titles[position]
    values = (
        Value(value, labels[value], _definition(tables, prefix + value) if position == HEAD - 1 else None)
        for value in sorted(labels)
    )
    return Axis(position + 1, name, tuple(values))


def _definition(tables: PcsTables, prefix: str) -> str | None:
    table = tables.table(prefix)
    return table.definition if table is not None else None
