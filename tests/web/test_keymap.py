"""The one table of commands: nothing clashes, nothing takes a key that is not ours to take."""

from __future__ import annotations

import json

import pytest

from coding_ops.core.errors import InvalidInput
from coding_ops.web import assets, keymap
from coding_ops.web.icons import ICONS
from coding_ops.web.preferences import Preferences, checked
from coding_ops.web.shell import Shell


def test_no_two_commands_of_a_page_share_a_binding() -> None:
    assert keymap.refusal({}) == ""


@pytest.mark.parametrize("command", keymap.COMMANDS, ids=lambda command: command.id)
def test_no_command_takes_a_key_of_the_browser_or_of_a_screen_reader(command: keymap.Command) -> None:
    for chord in command.binding.split():
        *mods, key = chord.split("+") if len(chord) > 1 else [chord]
        assert not ("alt" in mods and len(key) == 1), "Alt and a letter belongs to assistive technology"
        assert not ("mod" in mods and key in keymap.RESERVED_WITH_MOD)
        assert key != "tab"
    assert command.icon in ICONS


def test_script_carries_the_same_table() -> None:
    rows = keymap.build_script().decode().split("COMMANDS = [\n")[1].removesuffix("\n];\n").split(",\n")
    assert [json.loads(row)[0] for row in rows] == [command.id for command in keymap.COMMANDS]
    assert [json.loads(row)[3] for row in rows] == [command.binding for command in keymap.COMMANDS]


@pytest.mark.parametrize("key", ["n", "g", "7", " ", "ab", ""])
def test_a_key_in_use_a_prefix_or_no_character_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput):
        checked(theme="light", single_keys=True, bindings={"cite": key})


def test_only_what_differs_from_the_default_is_kept_and_shown_in_the_hints() -> None:
    wanted = checked(theme="dark", single_keys=True, bindings={"cite": "u", "add": "c"})
    assert wanted.stored() == {"theme": "dark", "single_keys": True, "bindings": {"cite": "u"}}
    hints = Shell(preferences=wanted).hints("workbench")
    assert ("U",) in [hint.caps for hint in hints]
    assert Shell(preferences=Preferences(single_keys=False)).hints("workbench") == ()


def test_unreadable_preferences_fall_back_to_the_defaults() -> None:
    assert (
        Preferences.read({"theme": "pink", "bindings": {"cite": "n"}, "single_keys": None}) == Preferences()
    )


def test_assets_are_the_same_bytes_every_time(tmp_path) -> None:  # type: ignore[no-untyped-def]
    first = assets.build(tmp_path / "a")
    assert first == assets.build(tmp_path / "b")
    for name, _ in first:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
