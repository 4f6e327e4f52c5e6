"""One table of commands.  It feeds the listener, the hint bar, the palette, the ``?`` sheet and Preferences.

``build_assets`` writes it out as a JavaScript module, so that pages and script cannot disagree.

Binding grammar: ``e``, ``shift+v``, ``mod+enter`` (Ctrl, or Command on a Mac), ``alt+arrowup``,
``g w`` (one key after the other), ``1-9`` (a digit handed to the command), ``s 1-9``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SINGLE = re.compile(r"[^\s\d]")
PREFIXES = ("g", "s", "t")
# The browser and assistive technology own these: Alt+letter, and these letters with Ctrl or Command.
RESERVED_WITH_MOD = frozenset("ltwnrpf")

CAPS = {
    "mod": "Ctrl", "alt": "Alt", "shift": "⇧", "enter": "↵", "arrowup": "↑", "arrowdown": "↓",
    "backspace": "⌫", "escape": "Esc", "1-9": "1–9",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        id: what the script registers a handler for.
        scopes: pages that have it (``data-scope`` of the body); empty: all pages.
        group: heading in the sheet and the palette.
        binding: default binding; empty: reached by its control and the palette only.
        label: what it does, as an imperative sentence.
        icon: name in the sprite.
        hint: short label in the hint bar; empty: not shown there.
        palette: whether the palette offers it (a motion of the line cursor makes no sense there).
    """

    id: str
    scopes: tuple[str, ...]
    group: str
    binding: str
    label: str
    icon: str
    hint: str = ""
    palette: bool = True


# A chart in hand, and one that is only read; a page offers no key that does nothing on it.
WB, CH = ("workbench",), ("workbench", "chart")
# A chart under review: coded blind, or its sides compared.  The note is read alike on all of them.
RV, CP = ("review",), ("compare",)
NT = (*CH, *RV, *CP)
WR = (*WB, *RV)
CD = (*WR, *CP)
CR = (*CH, *RV)
WL, TB = ("worklist",), ("worklist", "tables", "dashboard")
# A delivered review, whose findings are answered.
EX = ("exchange",)

COMMANDS = (
    Command("palette", (), "Anywhere", "mod+k", "Search or run a command", "search"),
    Command("keys", (), "Anywhere", "?", "Show all keys", "keyboard", "all keys"),
    Command("theme", (), "Anywhere", "", "Switch between light and dark", "moon"),
    Command("work", (), "Anywhere", "g w", "Go to the worklist", "inbox"),
    Command("home", (), "Anywhere", "g d", "Go to the overview", "building-2"),
    Command("preferences", (), "Anywhere", "g p", "Open preferences", "settings"),
    Command("undo", WB, "Anywhere", "z", "Undo the last change", "undo-2"),
    Command("take", WL, "Queue", "n", "Take the next chart", "play", "take next"),
    Command("rownext", TB, "Tables", "j", "Next row", "arrow-down", "row", palette=False),
    Command("rowprev", TB, "Tables", "k", "Previous row", "arrow-up", palette=False),
    Command("nextchart", WB, "Queue", "j", "Next chart in the list", "arrow-down", "chart", palette=False),
    Command("prevchart", WB, "Queue", "k", "Previous chart in the list", "arrow-up", palette=False),
    Command("finalize", WB, "Queue", "mod+enter", "Finalize and open the next chart", "check", "finalize"),
    Command("pend", WB, "Queue", "o", "Hold this chart with a reason", "pause"),
    Command("skip", WB, "Queue", "shift+o", "Skip this chart with a reason", "skip-forward"),
    Command("history", CH, "Queue", "g h", "Open this chart's history", "history"),
    Command("find", NT, "Note", "/", "Find words in the note", "search", "find"),
    Command("evnext", NT, "Note", "n", "Next evidence", "arrow-down", "evidence", palette=False),
    Command("evprev", NT, "Note", "p", "Previous evidence", "arrow-up", palette=False),
    Command("line", NT, "Note", "g l", "Go to a line by number", "arrow-right"),
    Command("linedown", NT, "Note", "arrowdown", "Line cursor down", "arrow-down", palette=False),
    Command("lineup", NT, "Note", "arrowup", "Line cursor up", "arrow-up", palette=False),
    Command("extenddown", NT, "Note", "shift+arrowdown", "Extend the selection by a line", "arrow-down",
            palette=False),
    Command("extendup", NT, "Note", "shift+arrowup", "Take a line off the selection", "arrow-up",
            palette=False),
    Command("word", NT, "Note", "w", "Next word", "arrow-right", palette=False),
    Command("back", NT, "Note", "b", "Previous word", "arrow-right", palette=False),
    Command("extendword", NT, "Note", "shift+w", "Extend the selection by a word", "arrow-right",
            palette=False),
    Command("extendback", NT, "Note", "shift+b", "Take a word off the selection", "arrow-right",
            palette=False),
    Command("range", NT, "Note", "v", "Start or end a range: the motions extend it", "highlighter",
            palette=False),
    Command("cite", CD, "Note", "e", "Cite the selection or line for the code shown", "quote", "cite"),
    Command("marks", NT, "Note", "h", "Show or hide evidence", "highlighter"),
    Command("docprev", NT, "Note", "[", "Previous document", "file-text", palette=False),
    Command("docnext", NT, "Note", "]", "Next document", "file-text", palette=False),
    Command("dx", CR, "Codes", "1-9", "Show the evidence of a diagnosis", "square-check", "code",
            palette=False),
    Command("px", CR, "Codes", "s 1-9", "Show the evidence of a service", "square-check", "service",
            palette=False),
    Command("add", CD, "Codes", "c", "Add a code with the selection as evidence", "plus", "add code"),
    Command("edit", WR, "Codes", "m", "Set modifiers, units, pointers or POA", "pencil", "modifiers"),
    Command("em", CH, "Codes", "g e", "Level the visit (E/M)", "check"),
    Command("hcc", CH, "Codes", "g c", "Check HCC support and eligibility", "square-check"),
    Command("meatm", WB, "Codes", "t m", "Tag the evidence shown: monitored", "highlighter"),
    Command("meate", WB, "Codes", "t e", "Tag the evidence shown: evaluated", "highlighter"),
    Command("meata", WB, "Codes", "t a", "Tag the evidence shown: assessed", "highlighter"),
    Command("meatt", WB, "Codes", "t t", "Tag the evidence shown: treated", "highlighter"),
    Command("meatx", WB, "Codes", "t x", "Take the tag off the evidence shown", "highlighter"),
    Command("pcs", CH, "Codes", "g s", "Build an ICD-10-PCS code", "plus"),
    Command("drg", CH, "Codes", "g i", "Show the MS-DRG and what it rests on", "info"),
    Command("query", CH, "Codes", "q", "Ask the provider: the selection becomes an indicator", "quote",
            "query"),
    Command("poa", WB, "Codes", "y", "Set present on admission of the code shown", "clock"),
    Command("fixnext", CH, "Codes", "f", "Next finding of the edits", "triangle-alert", "finding"),
    Command("fixprev", CH, "Codes", "shift+f", "Previous finding of the edits", "triangle-alert",
            palette=False),
    Command("override", WB, "Codes", "r", "Override the finding in focus with a reason", "pencil"),
    Command("book", CR, "Codes", "g b", "Open the code shown in the code book", "file-text"),
    Command("moveup", WR, "Codes", "alt+arrowup", "Move the code up in claim order", "arrow-up"),
    Command("movedown", WR, "Codes", "alt+arrowdown", "Move the code down in claim order", "arrow-down"),
    Command("findingnext", EX, "Findings", "f", "Next finding", "arrow-down", "finding"),
    Command("findingprev", EX, "Findings", "shift+f", "Previous finding", "arrow-up", palette=False),
    Command("findingagree", EX, "Findings", "y", "Accept, uphold or confirm the finding", "check", "accept"),
    Command("findingagainst", EX, "Findings", "b", "Rebut, withdraw, escalate or overturn it", "pencil",
            "rebut"),
    Command("remove", WR, "Codes", "backspace", "Remove the code with a reason", "trash-2"),
    Command("reveal", RV, "Review", "mod+enter", "Compare with the coder's codes", "check", "compare"),
    Command("nextfinding", CP, "Review", "f", "Next finding", "triangle-alert", "finding"),
    Command("prevfinding", CP, "Review", "shift+f", "Previous finding", "triangle-alert", palette=False),
    Command("nextline", CP, "Review", "j", "Next line", "arrow-down", "line", palette=False),
    Command("prevline", CP, "Review", "k", "Previous line", "arrow-up", palette=False),
    Command("cause", CP, "Review", "1-9", "Judge the finding shown, with this cause", "pencil", "cause",
            palette=False),
    Command("judge", CP, "Review", "m", "Judge the line shown, or change the reviewer's code", "pencil"),
    Command("agree", CP, "Review", "y", "Take the coder's code of the line shown", "check", "coder is right"),
    Command("querymissed", CP, "Review", "t q", "Add beside the line shown: query missed", "plus"),
    Command("evidencewrong", CP, "Review", "t e", "Add beside the line shown: evidence wrong", "plus"),
    Command("observation", CP, "Review", "t o", "Add beside the line shown: observation", "plus"),
    Command("deliver", CP, "Review", "mod+enter", "Deliver the findings to the coder", "check", "deliver"),
)  # fmt: skip

BY_ID = {command.id: command for command in COMMANDS}


def for_scope(scope: str) -> tuple[Command, ...]:
    """The commands of one page, in table order."""
    return tuple(c for c in COMMANDS if not c.scopes or scope in c.scopes)


def caps(binding: str) -> tuple[str, ...]:
    """Key caps to show: ``"mod+enter"`` gives ``("Ctrl", "↵")``, ``"s 1-9"`` gives ``("S", "1–9")``."""
    parts = [part for chord in binding.split() for part in (chord.split("+") if len(chord) > 1 else [chord])]
    return tuple(CAPS.get(part, part.upper()) for part in parts)


def is_single(binding: str) -> bool:
    """Whether WCAG 2.1.4 speaks of it: characters alone, which must be possible to turn off."""
    return bool(binding) and "mod" not in binding and "alt" not in binding and "arrow" not in binding


def remappable(command: Command) -> bool:
    """Only a single plain character may be exchanged for another."""
    return len(command.binding) == 1


def refusal(bindings: Mapping[str, str]) -> str:
    """Why these bindings (command id to character) cannot be used, or ``""``.

    Checked by scope, because the same letter may do different things on different pages.
    """
    for name, key in bindings.items():
        if name not in BY_ID or not remappable(BY_ID[name]):
            return f"“{name}” has no key that can be changed."
        if not SINGLE.fullmatch(key):
            return f"“{BY_ID[name].label}” needs one character that is not a digit or a space."
        if key.lower() in PREFIXES:
            return f"“{key}” starts two-key commands (G W, S 1); choose another for “{BY_ID[name].label}”."
    for scope in sorted({s for c in COMMANDS for s in c.scopes}):
        clash = _clash((bindings.get(c.id, c.binding), c) for c in for_scope(scope))
        if clash:
            return clash
    return ""


def _clash(bound: Iterable[tuple[str, Command]]) -> str:
    """The first two commands of one page that share a binding, in words."""
    seen: dict[str, Command] = {}
    for key, command in bound:
        if key and key in seen:
            return f"“{key.upper()}” is used twice: “{seen[key].label}” and “{command.label}”."
        seen[key] = command
    return ""


def build_script() -> bytes:
    """The table as a JavaScript module: ``export const COMMANDS = [[id, scopes, …], …];``"""
    rows = [[c.id, list(c.scopes), c.group, c.binding, c.label, c.icon, c.palette] for c in COMMANDS]
    body = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    caps_json = json.dumps(CAPS, ensure_ascii=False, separators=(",", ":"))
    return f"export const CAPS = {caps_json};\nexport const COMMANDS = [\n{body}\n];\n".encode()
