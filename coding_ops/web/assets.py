"""Everything that is cut out of pinned wheels or out of Python tables before ``collectstatic``."""

from __future__ import annotations

from pathlib import Path

from coding_ops.web import fonts, icons, keymap


def build(folder: Path) -> list[tuple[str, int]]:
    """Writes sprite, fonts and key table below ``folder``; returns ``(path, bytes)`` of each.

    Files whose content is unchanged are not touched, so that a second start stays quick.
    """
    outputs = {
        icons.SPRITE_PATH: icons.build_sprite(),
        "js/keytable.js": keymap.build_script(),
        **fonts.build_fonts(),
    }
    for name, content in outputs.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != content:
            target.write_bytes(content)
    return [(name, len(content)) for name, content in sorted(outputs.items())]
