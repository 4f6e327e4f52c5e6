"""The production files say only what the application understands, and keep what they promise."""

from __future__ import annotations

import importlib
import os
import re
import runpy
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from coding_ops import env

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
OURS = ("migrate", "web", "worker", "beat")
# Read by Python, Django or the shell themselves, not through coding_ops.env.
_OF_OTHERS = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "DJANGO_SETTINGS_MODULE"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def known() -> set[str]:
    importlib.import_module("coding_ops.settings")
    runpy.run_path(str(ROOT / "scripts" / "gunicorn.conf.py"))
    return set(env.KNOWN)


def test_compose_file_follows_the_compose_specification() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        str(COMPOSE),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_variable_given_to_the_application_is_one_it_reads(
    compose: dict[str, Any], known: set[str]
) -> None:
    given = {name for service in OURS for name in compose["services"][service]["environment"]}
    assert {"DATABASE_URL_FILE", "MASTER_KEY_FILE"} <= given
    assert given <= known


def test_every_variable_taken_from_the_host_is_one_the_application_reads(known: set[str]) -> None:
    taken = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE.read_text(encoding="utf-8")))
    assert taken <= known


def test_every_variable_of_the_image_is_one_the_application_reads(known: set[str]) -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    final = text[text.rindex("\nFROM ") :]
    block = re.search(r"^ENV (?:.*\\\n)*.*$", final, re.MULTILINE)
    assert block
    assert set(re.findall(r"([A-Z_]+)=", block[0])) - _OF_OTHERS <= known


def test_secrets_come_by_file_and_each_service_names_those_it_reads(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        given = set(service.get("secrets", []))
        assert given <= set(compose["secrets"])
        for variable, value in service.get("environment", {}).items():
            assert not re.search(r"PASSWORD$|_KEY$|DATABASE_URL$", variable), (
                f"{name} has {variable} in the open"
            )
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in given


def test_only_the_migration_holds_the_owner_role(compose: dict[str, Any]) -> None:
    holders = {
        name for name, service in compose["services"].items() if "database_owner_url" in service["secrets"]
    }
    assert holders == {"migrate"}


def test_nothing_but_the_web_is_published_and_only_on_loopback(compose: dict[str, Any]) -> None:
    published = {
        name: service["ports"] for name, service in compose["services"].items() if "ports" in service
    }
    assert set(published) == {"web"}
    assert all(port.startswith("127.0.0.1:") for port in published["web"])
    assert compose["networks"]["inside"]["internal"] is True


def test_every_long_running_service_has_a_health_check_and_an_init(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["init"] is True, name
        if name != "migrate":
            assert service["healthcheck"]["test"], name


def test_our_containers_run_unprivileged_on_a_read_only_root(compose: dict[str, Any]) -> None:
    for name in OURS:
        service = compose["services"][name]
        assert service["user"] == "10001:10001"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_generated_secrets_match_the_compose_file_and_are_never_overwritten(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "secrets"
    command = [sys.executable, str(ROOT / "scripts" / "make_secrets.py"), str(folder)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert set(written) == set(compose["secrets"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert written["app_password"] in written["database_url"]
    assert written["owner_password"] in written["database_owner_url"]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 1
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == written


def test_every_file_the_compose_file_mounts_is_there_and_scripts_may_run(compose: dict[str, Any]) -> None:
    for mount in compose["services"]["db"]["volumes"]:
        source = mount.split(":")[0]
        if source.startswith("./"):
            assert (ROOT / source).is_file()
    assert os.access(ROOT / "scripts" / "init_roles.sh", os.X_OK)
