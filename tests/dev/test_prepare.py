"""Preparation steps run when their inputs change, and only then."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from coding_ops.dev import prepare
from coding_ops.dev.places import Trouble
from tests.dev.conftest import Checkout

_SCRIPT = """
import pathlib, sys
with (pathlib.Path(__file__).parent / "calls").open("a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
print("said", sys.argv[1])
sys.exit((pathlib.Path(__file__).parent / "fail").exists())
"""
STEP = prepare.Step("s", "Stepping", ("touch_it",), ("app/**/*.py",), fills_database=False, keep_output=True)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkout: Checkout) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "one.py").write_text("1")
    (tmp_path / "manage.py").write_text(_SCRIPT)
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    monkeypatch.setenv("CODING_OPS_LOCAL_DIR", str(checkout.local))
    return tmp_path


def calls(project: Path) -> int:
    path = project / "calls"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_unchanged_step_is_skipped_and_its_output_kept(project: Path) -> None:
    for _start in range(2):
        prepare.prepare([STEP], {}, stream=io.StringIO())
    assert calls(project) == 1
    assert prepare.kept_output(STEP) == "said touch_it\n"


@pytest.mark.parametrize("change", ["edited", "added", "removed"])
def test_step_runs_again_when_an_input_is(project: Path, change: str) -> None:
    prepare.prepare([STEP], {}, stream=io.StringIO())
    one = project / "app" / "one.py"
    if change == "edited":
        one.write_text("12")
    elif change == "added":
        (project / "app" / "two.py").write_text("2")
    else:
        one.unlink()
    prepare.prepare([STEP], {}, stream=io.StringIO())
    assert calls(project) == 2


def test_failed_step_tells_its_last_words_and_is_tried_again(project: Path) -> None:
    (project / "fail").touch()
    for _start in range(2):
        with pytest.raises(Trouble, match="said touch_it"):
            prepare.prepare([STEP], {}, stream=io.StringIO())
    assert calls(project) == 2


def test_database_that_is_not_ours_is_never_taken_for_prepared(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")
    step = prepare.Step("d", "Filling", ("fill",), ("app/**/*.py",))
    for _start in range(2):
        prepare.prepare([step], {}, stream=io.StringIO())
    assert calls(project) == 2
