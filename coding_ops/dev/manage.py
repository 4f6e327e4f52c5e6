"""``manage.py`` on any machine: attach to the embedded servers of this checkout, or start them for a command.

Where ``DATABASE_URL`` is set (production, or a database of one's own) that database is used as it is.
Commands that change tables go through the owner role.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence

from coding_ops.dev import services, terminal
from coding_ops.dev.places import Trouble, places

# Commands that touch no database: they must work where no server can run.
_OFFLINE = frozenset(
    """build_assets check collectstatic compilemessages diffsettings findstatic help makemessages rule
    spectacular startapp startproject version --version --help -h""".split()  # noqa: SIM905 - easier to read
)
# Commands that want a server but not a prepared database.
_BARE = frozenset(
    ["dbshell", "flush", "makemigrations", "migrate", "optimizemigration", "showmigrations", "sqlmigrate"]
)
_CODE_SET_RULES = ("codes.",)
_OWNER = frozenset(
    ["createcachetable", "flush", "migrate", "pgtrigger", "remove_stale_contenttypes", "sqlflush", "test"]
)


def main(argv: Sequence[str]) -> None:
    """Entry point of ``manage.py``; ``argv`` as in ``sys.argv``."""
    command = argv[1] if len(argv) > 1 else "help"
    try:
        _set_environment(command, argv[2:])
    except Trouble as trouble:
        terminal.complain(str(trouble))
        raise SystemExit(1) from None
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coding_ops.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(list(argv))


def _set_environment(command: str, rest: Sequence[str]) -> None:
    # Set for good, so that a child (an autoreloader, a preparation step) does not decide again.
    if command in _OWNER and services.given("DATABASE_OWNER_URL"):
        os.environ.setdefault("DATABASE_ROLE", "owner")
    if services.given("DATABASE_URL"):
        if places().has_keys():  # `make run` was here with this database: keys and broker are this folder's
            os.environ.update(services.environment("run"))
            atexit.register(services.stop, "run")
        return
    if _is_offline(command, rest):
        os.environ.update(services.local_defaults() | services.placeholders())
        return
    _attach(prepared=command not in _BARE)
    if command in _OWNER:
        os.environ.setdefault("DATABASE_ROLE", "owner")


def _is_offline(command: str, rest: Sequence[str]) -> bool:
    if "--help" in rest or "-h" in rest:
        return True
    if command == "rule" and rest and rest[0].startswith(_CODE_SET_RULES):
        from coding_ops.dev.prepare import CODE_SETS, is_filled

        return is_filled(CODE_SETS)  # they read the built indexes; the first time these must be made
    return command in _OFFLINE and "--database" not in rest


def _attach(*, prepared: bool) -> None:
    found_running = services.is_live("postgres", "run")
    made = services.environment("run")
    atexit.register(services.stop, "run")
    if prepared and not found_running:
        from coding_ops.dev.prepare import FOR_COMMANDS, prepare

        prepare(FOR_COMMANDS, {**os.environ, **made}, stream=sys.stderr)
    os.environ.update(made)
    _offer_client_programs()


def _offer_client_programs() -> None:
    """Let ``dbshell`` find the embedded ``psql`` where the machine has none."""
    import shutil

    from coding_ops.dev.embedded import programs

    if not shutil.which("psql"):
        os.environ["PATH"] = f"{os.environ.get('PATH', '')}{os.pathsep}{programs()}"
