"""Where this checkout keeps what it makes on a machine: everything lies under ``.local/``.

``CODING_OPS_LOCAL_DIR`` moves that folder.  Passwords and keys are made once, with mode 600, in
``.local/secrets``.  The folders above the databases stay traversable (711), because PostgreSQL refuses to
run as root and therefore runs as another user there.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
Purpose = Literal["run", "test"]


class Trouble(RuntimeError):
    """What is wrong on this machine and what to do about it, in plain words for a terminal."""


def _password() -> str:
    return secrets.token_urlsafe(24)


def _master_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


_MAKERS: dict[str, Callable[[], str]] = {
    "postgres_superuser": _password,
    "postgres_owner": _password,
    "postgres_app": _password,
    "valkey": _password,
    "secret_key": lambda: secrets.token_urlsafe(50),
    "master_key": _master_key,
}


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one checkout; ``local`` is absolute."""

    local: Path

    def of(self, purpose: Purpose) -> Path:
        """The folder of the servers for ``purpose``, made when absent."""
        return self._folder(self.local / purpose, 0o711)

    def folder(self, name: str) -> Path:
        """Another folder under ``.local``, ours alone."""
        return self._folder(self.local / name, 0o700)

    def has_keys(self) -> bool:
        """Whether this checkout ever made its own keys."""
        return (self.local / "secrets" / "master_key").exists()

    def secret_file(self, name: str) -> Path:
        """Path of a generated secret (mode 600), made on first use.

        Two processes may race for the first use: the loser reads what the winner linked into place.
        """
        folder = self._folder(self.local / "secrets", 0o700)
        path = folder / name
        if not path.exists():
            draft = folder / f".{name}.{os.getpid()}"
            draft.touch(mode=0o600)
            draft.write_text(_MAKERS[name]() + "\n", encoding="utf-8")
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        return path

    def secret(self, name: str) -> str:
        """The generated secret itself."""
        path = self.secret_file(name)
        try:
            return path.read_text(encoding="utf-8").strip()
        except PermissionError:
            raise Trouble(not_ours(path)) from None

    def _folder(self, path: Path, mode: int) -> Path:
        if path.is_dir():
            return path
        try:
            self.local.mkdir(parents=True, exist_ok=True)
            self.local.chmod(0o711)  # PostgreSQL, another user, walks through
            path.mkdir(exist_ok=True)
            path.chmod(mode)
        except OSError as error:
            raise Trouble(cannot_write(path, error)) from None
        return path


def not_ours(path: Path) -> str:
    """Words for a file that another user made."""
    return (
        f"{path} belongs to another user, so it cannot be read.\n"
        "It was made by an earlier start as that user (root, perhaps). Run as that user again, or remove "
        "the folder as that user to begin afresh (its data is lost)."
    )


def cannot_write(path: Path, error: OSError) -> str:
    """Words for a data folder that cannot be written."""
    return (
        f"The data folder {path} cannot be written: {error.strerror or error}.\n"
        "Give yourself write permission there, or set CODING_OPS_LOCAL_DIR to a folder you own."
    )


def places() -> Places:
    """The places of this checkout, as the environment says now."""
    chosen = os.environ.get("CODING_OPS_LOCAL_DIR")
    return Places(Path(chosen).expanduser().resolve() if chosen else ROOT / ".local")


def check_writable(folder: Places) -> None:
    """Refuse early, in plain words, when nothing can be written under ``.local``."""
    probe = folder.of("run") / f".probe-{os.getpid()}"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Trouble(cannot_write(probe.parent, error)) from None
