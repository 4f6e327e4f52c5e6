"""Links that let a provider answer one query without an account, and the one-time codes that open them.

The address alone opens nothing: it is signed, so that none can be made up, and it names a client and a row,
so that one link opens one client and one question.  What is behind it is shown after a code that was mailed
to the provider's own address.  Neither the token nor the code is kept: the token can be signed again, the
code is kept as a hash under the application's key, so that a copy of the table does not give six digits away.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from cdi_queries.models import CdiQuery, QueryLink
from cdi_queries.rules.links import CodeAnswer, CodeFacts, LinkFacts, Standing, code_counts, standing_of
from cdi_queries.rules.links import wait_for_code as wait_of
from cdi_queries.rules.query_states import QueryState
from cdi_queries.selectors.contacts import address_of, contact_of, day_at, has_left
from cdi_queries.selectors.policy import policy_of
from cdi_queries.terms.links import link_terms
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import NotFound, Refused
from coding_ops.tenancy.actor import Actor

_SIGNER = "cdi_queries.links"
_CODE = "cdi_queries.codes"
_CLIENT = "cdi_queries.links.client"
LONGEST_TOKEN = 200
"""Characters; a longer text in an address is not looked at."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code to mail, and where to; only ever held in memory."""

    address: str
    code: str
    minutes: int


def token_of(link: QueryLink) -> str:
    """The signed text of a link; the same link gives the same text."""
    return _signer().sign_object([_covered(link.client_id, link.pk), link.pk.hex], compress=False)


def read_token(token: str) -> tuple[int, uuid.UUID] | None:
    """Client and link of a token, or None for whatever we did not sign."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        client_id, link = _signer().unsign_object(token)
        link_id = uuid.UUID(hex=str(link))
        return _covered(int(client_id), link_id), link_id
    except (signing.BadSignature, ValueError, TypeError):
        return None


def link_href(link: QueryLink) -> str:
    """``/q/<token>/``"""
    return f"/q/{token_of(link)}/"


def public_address(path: str) -> str:
    """A path of the application as it is written into a mail."""
    return f"{settings.PUBLIC_URL}{path}"


@transaction.atomic
def make_link(*, actor: Actor, query: CdiQuery, now: datetime) -> QueryLink:
    """A link for the provider who is asked now; an older one ends.  The caller holds the query's lock.

    It lives as long as the policy says, and no longer than the query.

    Raises:
        Refused: the query does not wait for an answer.
    """
    if query.state != QueryState.SENT or query.provider_id is None or query.expires_at is None:
        raise Refused("Only a question that waits for its answer has a link.", code="link.not_waiting")
    query.links.filter(client_id=query.client_id, used_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=now
    )
    hours = policy_of(query.client_id).link_hours
    made: QueryLink = QueryLink.objects.create(
        client_id=query.client_id,
        query=query,
        provider_id=query.provider_id,
        made_at=now,
        expires_at=min(now + timedelta(hours=hours), query.expires_at),
    )
    record_event(
        actor=actor,
        verb=Verb.QUERY_LINK_MADE,
        subject=made,
        facts={"query": str(query.pk), "provider": str(query.provider_id)},
    )
    return made


def find_link(*, client_id: int, link_id: uuid.UUID, lock: bool = False) -> QueryLink:
    """The link of a token with its query and provider; the client's scope is open.

    Raises:
        NotFound: there is none.
    """
    links = QueryLink.objects.filter(client_id=client_id, pk=link_id).select_related(
        "query__encounter__client", "query__provider", "provider__user"
    )
    found: QueryLink | None = (links.select_for_update(of=("self",)) if lock else links).first()
    if found is None:
        raise NotFound
    return found


def standing_at(link: QueryLink, now: datetime) -> Standing:
    """What the link opens now."""
    query = link.query
    today = day_at(query.encounter.client.timezone, now)
    return standing_of(
        LinkFacts(
            query_state=QueryState(query.state),
            is_theirs=query.provider_id == link.provider_id,
            has_left=has_left(contact_of(link.client_id, link.provider_id), today),
            expires_at=link.expires_at,
            used_at=link.used_at,
            revoked_at=link.revoked_at,
        ),
        now,
    )


def code_facts(link: QueryLink) -> CodeFacts:
    """The newest code of a link."""
    return CodeFacts(
        is_set=bool(link.code_hash),
        sent_at=link.code_sent_at,
        expires_at=link.code_expires_at,
        codes_sent=link.codes_sent,
        wrong_tries=link.wrong_tries,
    )


@transaction.atomic
def new_code(*, actor: Actor, link: QueryLink, now: datetime) -> NewCode:
    """A new one-time code, which the caller mails; the one before counts no more.

    Raises:
        Refused: too soon after the last one, all of the link's codes were sent, no address is known.
    """
    locked = find_link(client_id=link.client_id, link_id=link.pk, lock=True)
    if standing_at(locked, now) is not Standing.OPEN:
        raise Refused("This link no longer opens a question.", code="link.closed")
    terms = link_terms()
    wait = wait_of(code_facts(locked), terms, now)
    if wait is None:
        raise Refused("This link has had all its codes. Ask for a new link.", code="code.no_more")
    if wait:
        raise Refused(
            f"A code was sent just now. Wait {wait.seconds + 1} seconds before you ask for another.",
            code="code.too_soon",
        )
    address = address_of(locked.provider, contact_of(locked.client_id, locked.provider_id))
    if not address:
        raise Refused(
            "No mail address is kept for you, so no code can be sent. Ask who told you of this question.",
            code="code.no_address",
        )
    minutes = policy_of(locked.client_id).code_minutes
    code = f"{secrets.randbelow(10**terms.digits):0{terms.digits}d}"
    locked.code_hash = _hashed(locked, code, secrets.token_hex(8))
    locked.code_sent_at, locked.code_expires_at = now, now + timedelta(minutes=minutes)
    locked.codes_sent, locked.wrong_tries = locked.codes_sent + 1, 0
    locked.save(update_fields=["code_hash", "code_sent_at", "code_expires_at", "codes_sent", "wrong_tries"])
    record_event(actor=actor, verb=Verb.QUERY_CODE_SENT, subject=locked, facts={"codes": locked.codes_sent})
    return NewCode(address, code, minutes)


@transaction.atomic
def withdraw_code(*, link: QueryLink) -> None:
    """Takes back a code that could not be mailed, so that it does not count against the link."""
    locked = find_link(client_id=link.client_id, link_id=link.pk, lock=True)
    locked.code_hash, locked.code_sent_at, locked.code_expires_at = "", None, None
    locked.codes_sent = max(locked.codes_sent - 1, 0)
    locked.save(update_fields=["code_hash", "code_sent_at", "code_expires_at", "codes_sent"])


@transaction.atomic
def try_code(*, actor: Actor, link: QueryLink, typed: str, now: datetime) -> CodeAnswer:
    """What a typed code comes to.  A wrong one is counted, a right one counts once.

    It answers and does not raise: what raises is rolled back, and with it the count.
    """
    locked = find_link(client_id=link.client_id, link_id=link.pk, lock=True)
    if standing_at(locked, now) is not Standing.OPEN:
        return CodeAnswer.NONE
    terms = link_terms()
    why_not = code_counts(code_facts(locked), terms, now)
    if why_not is not None:
        return why_not
    digits = "".join(sign for sign in typed if sign.isascii() and sign.isdigit())
    if not constant_time_compare(
        _hashed(locked, digits, salt=locked.code_hash.split("$")[0]), locked.code_hash
    ):
        locked.wrong_tries += 1
        locked.save(update_fields=["wrong_tries"])
        if locked.wrong_tries < terms.tries:
            return CodeAnswer.WRONG
        record_event(actor=actor, verb=Verb.QUERY_CODE_SPENT, subject=locked, facts={"tries": terms.tries})
        return CodeAnswer.SPENT
    locked.code_hash, locked.code_expires_at = "", None
    locked.save(update_fields=["code_hash", "code_expires_at"])
    return CodeAnswer.RIGHT


def mark_used(*, link: QueryLink, now: datetime) -> None:
    """An answer was given through the link: it opens the answer's confirmation only, from here on."""
    link.used_at = now
    link.save(update_fields=["used_at"])


def _hashed(link: QueryLink, code: str, salt: str) -> str:
    return f"{salt}${salted_hmac(_CODE, f'{link.pk.hex}{salt}{code}', algorithm='sha256').hexdigest()}"


def _covered(client_id: int, link_id: uuid.UUID) -> int:
    """The client's number under a mask of this link's own, and back: a signed text can be read by anybody,
    and the number would tell how many clients there are."""
    mask = salted_hmac(_CLIENT, link_id.hex, algorithm="sha256").digest()[:6]
    return client_id ^ int.from_bytes(mask)


def _signer() -> signing.Signer:
    # A dot, because mail programs end a link at a colon more often than at a dot.
    return signing.Signer(salt=_SIGNER, sep=".")
