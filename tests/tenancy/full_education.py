"""A counted chart, and a letter to the provider: told, on paper, not acknowledged."""

from __future__ import annotations

from cdi_queries.actions.documentation import count_documentation
from cdi_queries.actions.letters import keep_paper, tell_of_letter, write_letter
from cdi_queries.models import EducationLetter
from cdi_queries.rules.education import Charts, month_before
from cdi_queries.selectors.education import Standing
from encounters.models import Provider
from tests import cast


def fill_education(place: cast.Place, provider: Provider) -> EducationLetter:
    """``provider``: has an account, and charts that are final."""
    client, today = place.client, cast.today()
    count_documentation(client_id=client.pk, today=today)
    standing = Standing(provider.pk, None, Charts(1, 1), Charts(), 0)
    letter = write_letter(actor=cast.SYSTEM, client=client, of=standing, month=month_before(today))
    assert letter is not None
    keep_paper(client_id=client.pk, letter_id=letter.pk, content=b"%PDF-1.7 of " + client.slug.encode())
    tell_of_letter(actor=cast.SYSTEM, letter_id=letter.pk, client=client)
    return letter
