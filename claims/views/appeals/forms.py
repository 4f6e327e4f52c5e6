"""What was typed into these forms, read; and a page that asks for one decision, shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from claims.views.appeals.dto import FormPage
from claims.views.tabs import claim_tabs
from coding_ops.core.errors import DomainError
from coding_ops.web.client_pages import client_of
from coding_ops.web.middleware import actor_of
from encounters.forms import DayField

CENT = Decimal("0.01")
MOST_DOLLARS = Decimal("9999999999.99")


@dataclass(slots=True)
class Typed:
    """Reads fields one by one and gathers what is wrong with them."""

    posted: Mapping[str, str]
    today: date
    errors: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The field without outer white space."""
        return self.posted.get(name, "").strip()

    def day(self, name: str, label: str) -> date | None:
        """A day, ``MM/DD/YYYY`` or ``t``; an error where there is none."""
        try:
            found = DayField(self.today, required=False).to_python(self.text(name))
        except ValidationError:
            found = None
        if found is None:
            self.errors[name] = f"{label}: write a day such as 11/01/2026."
        return found

    def dollars(self, name: str, label: str, *, needed: bool = True) -> Decimal | None:
        """Dollars with at most two decimals."""
        text = self.text(name).replace(",", "").removeprefix("$")
        if not text and not needed:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or abs(value) > MOST_DOLLARS or value != value.quantize(CENT):
            self.errors[name] = f"{label}: write dollars such as 1234.50."
            return None
        return value


def field_of(error: DomainError, otherwise: str = "") -> dict[str, str]:
    """A refusal beside the field it is about, or above the form."""
    return {str(error.details.get("path", otherwise)): error.message}


def show_form(
    request: HttpRequest, page: FormPage, room: str, errors: Mapping[str, str] | None = None
) -> HttpResponse:
    """The page, with 422 where something was wrong."""
    tabs = claim_tabs(actor_of(request).role, client_of(request).slug, room)
    context = {"page": page, "tabs": tabs, "errors": errors or {}}
    return render(request, "claims/answer_form.html", context, status=422 if errors else 200)
