"""Which role and which servers a command gets, and what the test command makes of a failure."""

from __future__ import annotations

import os
import sys

import pytest

from coding_ops.dev import checks, manage, services


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No database in the environment; the record of what would have been started."""
    for name in list(os.environ):
        if name.startswith(("DATABASE_", "REDIS_URL")):
            monkeypatch.delenv(name)
    started: list[str] = []
    monkeypatch.setattr(manage, "_attach", lambda *, prepared: started.append(f"prepared={prepared}"))
    return started


@pytest.mark.parametrize(
    ("command", "started", "role"),
    [
        ("help", [], None),
        ("collectstatic", [], None),
        ("migrate", ["prepared=False"], "owner"),
        ("makemigrations", ["prepared=False"], None),
        ("intake", ["prepared=True"], None),
        ("shell", ["prepared=True"], None),
    ],
)
def test_command_gets_the_servers_and_the_role_it_needs(
    bare: list[str], monkeypatch: pytest.MonkeyPatch, command: str, started: list[str], role: str | None
) -> None:
    with monkeypatch.context() as changes:
        changes.setattr(os, "environ", dict(os.environ))
        manage._set_environment(command, [])
        assert os.environ.get("DATABASE_ROLE") == role
    assert bare == started


def test_help_of_any_command_starts_nothing(bare: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as changes:
        changes.setattr(os, "environ", dict(os.environ))
        manage._set_environment("intake", ["--help"])
    assert bare == []


def test_check_of_the_database_gets_one(bare: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as changes:
        changes.setattr(os, "environ", dict(os.environ))
        manage._set_environment("check", ["--database", "default"])
    assert bare == ["prepared=True"]


@pytest.mark.parametrize(("command", "role"), [("migrate", "owner"), ("shell", None)])
def test_given_database_is_used_as_it_is(
    bare: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    command: str,
    role: str,
) -> None:
    given = {
        "DATABASE_URL": "postgresql://app@db/x",
        "DATABASE_OWNER_URL": "postgresql://owner@db/x",
        "CODING_OPS_LOCAL_DIR": str(tmp_path_factory.mktemp("local")),
    }
    with monkeypatch.context() as changes:
        changes.setattr(os, "environ", {**os.environ, **given})
        before = dict(os.environ)
        manage._set_environment(command, [])
        assert os.environ == {**before, **({"DATABASE_ROLE": role} if role else {})}
    assert bare == []


def test_every_check_runs_after_a_failure_and_the_failure_counts(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(services, "environment", lambda _purpose: {})
    monkeypatch.setattr(services, "stop", lambda _purpose: [])
    commands = [
        checks.Check(str(code), (sys.executable, "-c", f"raise SystemExit({code})")) for code in (0, 3, 0)
    ]
    monkeypatch.setattr(checks, "_checks", lambda: commands)
    assert checks.test() == 1
    told = capfd.readouterr().out
    assert told.count("✓ 0 (") == 2
    assert "✗ 3 (" in told
    monkeypatch.setattr(checks, "_checks", lambda: commands[:1])
    assert checks.test() == 0


def test_what_runs_beside_a_check_is_told_after_it_and_counts(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(services, "environment", lambda _purpose: {})
    monkeypatch.setattr(services, "stop", lambda _purpose: [])
    said = "print('{}'); raise SystemExit({})"
    other = checks.Check("browser", (sys.executable, "-c", said.format("of the browser", 5)))
    check = checks.Check("rules", (sys.executable, "-c", said.format("of the rules", 0)), beside=(other,))
    monkeypatch.setattr(checks, "_checks", lambda: [check])
    assert checks.test() == 1
    told = capfd.readouterr().out
    assert told.index("of the rules") < told.index("of the browser")
    assert "✓ rules (" in told and "✗ browser (" in told


def test_chosen_tests_run_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ARGS", "tests/api -q")
    chosen = checks._checks()[-1]
    assert chosen.command[-2:] == ("tests/api", "-q") and chosen.beside == ()
    monkeypatch.delenv("PYTEST_ARGS")
    every = checks._checks()[-1]
    folders = [one for run in every.beside for one in run.command if one.startswith("tests/")]
    # No test is left out, and none runs twice: what the other runs name, the first ignores.
    assert sorted(one for one in every.command if one.startswith("--ignore=")) == sorted(
        f"--ignore={one}" for one in folders
    )
    assert "tests" in every.command and len(folders) == len(set(folders))
    assert "tests/browser" in folders
