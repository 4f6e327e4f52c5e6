"""The scene of the API's tests; imported late, because Django is set up after the conftests are read."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def scene(db: None) -> Any:
    """One chart in hand, and everybody who might look at it."""
    from tests.api.scene import make_scene

    return make_scene()
