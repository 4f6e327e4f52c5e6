"""``/q/<token>/``: one question behind a signed link and a one-time code, for who has no account.

Looking at the address sends nothing and changes nothing: mail programs and scanners open links by themselves.
The code is asked for with a button, and goes to the provider's own address.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cdi_queries.actions.answers import Answer, answer_query
from cdi_queries.actions.delivery import Sending, remind, send_mail, signs_in
from cdi_queries.actions.links import code_facts, mark_used, new_code, try_code, withdraw_code
from cdi_queries.actions.opening import note_opened
from cdi_queries.actions.routing import redirect_query
from cdi_queries.models import AnsweredBy
from cdi_queries.rules.links import CodeAnswer, Standing, code_counts, wait_for_code
from cdi_queries.rules.mails import code_mail
from cdi_queries.terms.links import link_terms
from cdi_queries.views.provider import parts
from cdi_queries.views.provider.doorway import (
    PUBLIC,
    Elsewhere,
    Visit,
    prove,
    public_page,
    visiting,
    whole_query,
)
from cdi_queries.views.provider.dto import CodePage, EndedPage
from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.tenancy.access import Reach
from coding_ops.tenancy.models import Role
from encounters.views import words

SAID = {
    CodeAnswer.WRONG: "That is not the code. Look at the newest mail and type its digits.",
    CodeAnswer.SPENT: "That code was tried too often and counts no more. Have a new one mailed.",
    CodeAnswer.EXPIRED: "That code is too old. Have a new one mailed.",
    CodeAnswer.NONE: "No code counts now. Have a new one mailed.",
}
NOT_MAILED = "The code could not be mailed just now. Try again in a minute."
RENEWED = EndedPage(
    "A new link is on its way",
    "It goes to the address that this one went to.",
    "You can close this page.",
)
NOT_RENEWED = EndedPage(
    "The new link could not be mailed",
    "The mail did not go out just now. The question still waits.",
    "Go back and try again in a few minutes.",
)


@public_page
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The question, its answer once it was given here, or the page that asks for the code."""
    with visiting(request, token) as visit:
        if visit.standing is Standing.ANSWERED_HERE and visit.proven:
            _note(visit)
            page = parts.kept_page(whole_query(visit), visit.zone, is_new=True)
            return render(request, "cdi_queries/asked_kept.html", {"page": page, "base": PUBLIC})
        own = _own_page(request, visit)
        if own:
            return HttpResponseRedirect(own)
        visit.require_open()
        if not visit.proven:
            return _code_page(request, visit, {})
        _note(visit)
        note_opened(actor=visit.actor, query=visit.query, now=visit.now)
        return _question(request, visit, {})


@public_page
@require_POST
def send_code(request: HttpRequest, token: str) -> HttpResponse:
    """Mails a code.  It is kept before the mail goes out, and taken back when the mail does not."""
    with visiting(request, token) as visit:
        visit.require_open()
        try:
            fresh = new_code(actor=visit.actor, link=visit.link, now=visit.now)
        except Refused as error:
            return _code_page(request, visit, {"send": error.message})
    mail = code_mail(code=fresh.code, minutes=fresh.minutes)
    if send_mail(mail, fresh.address, client_id=visit.link.client_id) is Sending.SENT:
        return HttpResponseRedirect(visit.href, status=303)
    with visiting(request, token) as visit:
        withdraw_code(link=visit.link)
        return _code_page(request, visit, {"send": NOT_MAILED})


@public_page
@require_POST
def open_with_code(request: HttpRequest, token: str) -> HttpResponse:
    """``code``: the digits of the mail."""
    with visiting(request, token) as visit:
        visit.require_open()
        outcome = try_code(
            actor=visit.actor, link=visit.link, typed=request.POST.get("code", "")[:20], now=visit.now
        )
        if outcome is not CodeAnswer.RIGHT:
            visit.link.refresh_from_db()
            return _code_page(request, visit, {"code": SAID[outcome]})
    prove(request, visit.link, visit.now)
    return HttpResponseRedirect(visit.href, status=303)


@public_page
@require_POST
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """``option``, ``words``: the answer."""
    with visiting(request, token) as visit:
        _require_proven(visit)
        name = visit.link.provider.name
        return _take(request, visit, parts.answer_of(request.POST, visit.query, AnsweredBy.CODE, name))


@public_page
@require_POST
def complete(request: HttpRequest, token: str) -> HttpResponse:
    """``where``: the record says it already, and where."""
    with visiting(request, token) as visit:
        _require_proven(visit)
        name = visit.link.provider.name
        try:
            given = parts.complete_of(request.POST, visit.query, AnsweredBy.CODE, name)
        except InvalidInput as error:
            return _question(request, visit, parts.errors_of(error, visit.query))
        return _take(request, visit, given)


@public_page
@require_http_methods(["GET", "POST"])
def pass_on(request: HttpRequest, token: str) -> HttpResponse:
    """GET: who else may be asked.  POST ``provider``, ``reason``: asks them instead; the link ends."""
    with visiting(request, token) as visit:
        _require_proven(visit)
        errors: dict[str, str] = {}
        if request.method == "POST":
            try:
                other = parts.passed_to(visit.query, visit.zone, visit.now, request.POST)
                redirect_query(
                    actor=visit.actor,
                    query=visit.query,
                    provider=other,
                    reason=request.POST.get("reason", ""),
                    now=visit.now,
                )
                return HttpResponseRedirect(visit.href, status=303)
            except (InvalidInput, Refused) as error:
                errors[str(error.details.get("path", "reason"))] = error.message
        page = parts.pass_page(
            visit.query, visit.zone, visit.now, href=visit.href, sent=request.POST, errors=errors
        )
        context = {"page": page, "base": PUBLIC}
        return render(request, "cdi_queries/asked_pass.html", context, status=422 if errors else 200)


@public_page
@require_POST
def renew(request: HttpRequest, token: str) -> HttpResponse:
    """Mails a new link in the place of one that has expired, to the provider's own address."""
    with visiting(request, token) as visit:
        if visit.standing is not Standing.EXPIRED:
            visit.require_open()
            return HttpResponseRedirect(visit.href, status=303)
        went = remind(actor=visit.actor, query=visit.query, now=visit.now)
    page, status = (RENEWED, 200) if went else (NOT_RENEWED, 422)
    return render(request, "cdi_queries/asked_ended.html", {"page": page, "base": PUBLIC}, status=status)


def _take(request: HttpRequest, visit: Visit, given: Answer) -> HttpResponse:
    try:
        answer_query(actor=visit.actor, query=visit.query, answer=given, now=visit.now)
    except InvalidInput as error:
        return _question(request, visit, parts.errors_of(error, visit.query))
    except Conflict as error:
        # Answered, taken back or passed on between the look and the answer: the page says which.
        raise Elsewhere(visit.href) from error
    mark_used(link=visit.link, now=visit.now)
    return HttpResponseRedirect(visit.href, status=303)


def _require_proven(visit: Visit) -> None:
    """A form that is sent without the code, or after its minutes, leads back to the code.

    Raises:
        Closed: the link no longer stands.
        Elsewhere: to the page that asks for the code.
    """
    visit.require_open()
    if not visit.proven:
        raise Elsewhere(visit.href)


def _question(request: HttpRequest, visit: Visit, errors: dict[str, str]) -> HttpResponse:
    page = parts.question_page(
        whole_query(visit),
        visit.zone,
        href=visit.href,
        answer_href=f"{visit.href}answer/",
        sent=request.POST if errors else None,
        errors=errors,
    )
    context = {"page": page, "base": PUBLIC}
    return render(request, "cdi_queries/asked_question.html", context, status=422 if errors else 200)


def _code_page(request: HttpRequest, visit: Visit, errors: dict[str, str]) -> HttpResponse:
    facts, terms = code_facts(visit.link), link_terms()
    alive = code_counts(facts, terms, visit.now) is None
    wait = wait_for_code(facts, terms, visit.now)
    sent = ""
    if alive and facts.sent_at is not None:
        sent = f"A code was mailed to you at {words.clock(facts.sent_at, visit.zone)}."
    page = CodePage(
        send_href=f"{visit.href}code/",
        open_href=f"{visit.href}open/",
        sent=sent,
        may_send=wait is not None,
        send_label="Mail another code" if facts.codes_sent else "Mail me the code",
        sign_in_href=f"/accounts/login/?next={visit.href}" if signs_in(visit.link.provider) else "",
        digits=terms.digits,
        errors=errors,
    )
    return render(request, "cdi_queries/link_code.html", {"page": page}, status=422 if errors else 200)


def _own_page(request: HttpRequest, visit: Visit) -> str:
    """Where the provider answers who is signed in already; empty for everybody else."""
    reach: Reach | None = getattr(request, "reach", None)
    if reach is None or reach.user_id != visit.link.provider.user_id:
        return ""
    if visit.query.provider_id != visit.link.provider_id:
        return ""
    here = [one for one in reach.in_role(Role.PROVIDER) if one.id == visit.link.client_id]
    return f"/c/{here[0].slug}/asked/{visit.query.pk}/" if here else ""


def _note(visit: Visit) -> None:
    note_read(
        actor=visit.actor,
        verb=Verb.QUERY_VIEWED,
        client_id=visit.link.client_id,
        subject_type="cdiquery",
        subject_id=str(visit.query.pk),
        encounter_ids=(str(visit.query.encounter_id),),
    )
