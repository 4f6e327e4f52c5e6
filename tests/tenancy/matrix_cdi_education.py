"""Rows of the addresses of education: figures for who teaches and administers, a letter for its provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import LEADERS, PAGES, Row, get, of, post

EDUCATION = PAGES + "queries/education/"
PROVIDER = EDUCATION + "providers/<uuid:provider_id>/"
LETTERS = PAGES + "letters/"
LETTER = LETTERS + "<uuid:letter_id>/"
EDUCATORS = LEADERS | of(Role.CDI_SPECIALIST, Role.CLIENT_ADMIN)
ADDRESSEE = of(Role.PROVIDER)

EDUCATION_MATRIX: dict[str, Row] = {
    EDUCATION: get(EDUCATORS, q="a"),
    PROVIDER: get(EDUCATORS),
    PROVIDER + "charts/": get(EDUCATORS, code="E1122"),
    LETTERS: get(ADDRESSEE),
    LETTER: get(EDUCATORS | ADDRESSEE),
    LETTER + "pdf/": get(EDUCATORS | ADDRESSEE),
    LETTER + "acknowledge/": post(ADDRESSEE, lambda full: {}),
}

EDUCATION_FILLED_BY: dict[str, Callable[[Full], Any]] = {
    "letter_id": lambda full: full.asked.letter.pk,
}
