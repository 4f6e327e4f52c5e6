"""Settings come from the environment, once, typed, and fail loudly.

Each read registers its name in ``KNOWN``, so that the deployment files can be checked against what the
application really reads.  A secret ``X`` may be given as ``X`` or as ``X_FILE``, a path to it.
"""

from __future__ import annotations

import os
from pathlib import Path

KNOWN: dict[str, str] = {}
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


class SettingError(RuntimeError):
    """A variable of the environment is missing or cannot be read."""


def env_str(name: str, default: str | None = None, *, help: str = "") -> str:
    """The text of ``name``; without a default a missing variable is an error."""
    KNOWN[name] = help
    value = os.environ.get(name, default)
    if value is None:
        raise SettingError(f"Set {name} in the environment. {help}".strip())
    return value


def env_bool(name: str, default: bool, *, help: str = "") -> bool:
    """A switch: 1/true/yes/on or 0/false/no/off."""
    text = env_str(name, str(default), help=help).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise SettingError(f"{name} must be true or false, not {text!r}.")


def env_int(name: str, default: int, *, help: str = "") -> int:
    """A whole number."""
    text = env_str(name, str(default), help=help)
    try:
        return int(text)
    except ValueError:
        raise SettingError(f"{name} must be a whole number, not {text!r}.") from None


def env_list(name: str, default: str = "", *, help: str = "") -> list[str]:
    """A comma-separated list; empty items are dropped."""
    return [item.strip() for item in env_str(name, default, help=help).split(",") if item.strip()]


def env_secret(name: str, default: str | None = None, *, help: str = "") -> str:
    """A secret from ``name`` or from the file that ``name``_FILE names; surrounding space is dropped."""
    KNOWN[name] = help
    KNOWN[f"{name}_FILE"] = f"Path to a file that holds {name}."
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingError(f"{name}_FILE points to {path}, which cannot be read: {error}.") from error
    value = os.environ.get(name, default)
    if value is None:
        raise SettingError(f"Set {name} or {name}_FILE in the environment. {help}".strip())
    return value
