"""What the buttons of the composer do.  Each posts the whole form, so that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from cdi_queries.actions.drafts import save_draft
from cdi_queries.actions.ending import cancel_query
from cdi_queries.actions.routing import record_verbal
from cdi_queries.actions.sending import send_query
from cdi_queries.models import CancelReason, CdiQuery, Channel
from cdi_queries.rules.arrange import arranged, known_links, with_blank, without_blanks
from cdi_queries.rules.content import AnswerOption, QueryContent, from_json
from cdi_queries.rules.template import Template, field_problems
from cdi_queries.selectors.compose import quoted, with_indicators
from cdi_queries.selectors.templates import template_of
from cdi_queries.terms.lint import wording
from cdi_queries.views.compose.chart_queries import draft_href
from cdi_queries.views.compose.form import Posted, read
from cdi_queries.views.compose.panel import compose_href, show_panel
from cdi_queries.views.compose.shown import Shown
from cdi_queries.views.compose.starting import posted_spans, standing_draft
from cdi_queries.views.compose.template_use import refilled, taken, used_template
from coding_ops.core.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from coding_ops.web.client_pages import client_of, today_of
from coding_ops.web.http import is_partial, leave
from coding_ops.web.middleware import actor_of
from encounters.models import Provider
from encounters.views.chart_page import Chart
from encounters.views.doors import fence_of

Chosen = tuple[str, int | None] | None


def added(count: int) -> str:
    """What is said when words were selected for a draft."""
    return {0: "These words are an indicator already.", 1: "Indicator added."}.get(
        count, f"{count} indicators added."
    )


def typed(request: HttpRequest, query: CdiQuery, template: Template | None) -> tuple[Posted, QueryContent]:
    """The form, and the content as it would be kept; ``query`` takes provider and channel, unsaved."""
    posted = read(request.POST, from_json(query.content), wording(), today_of(request))
    query.provider = _provider(query, posted)
    query.channel, query.impacts = posted.channel, list(posted.impacts)
    query.internal_note = posted.internal_note or None
    content = posted.content
    if template is not None:
        content = refilled(content, template, posted.fields, query.encounter, query.provider)
    return posted, content


def _provider(query: CdiQuery, posted: Posted) -> Provider | None:
    if posted.provider_id is None:
        return None
    found = Provider.objects.filter(client_id=query.client_id, pk=posted.provider_id).first()
    if found is None:
        raise InvalidInput("Choose the provider to ask from the list.", code="query.no_provider")
    return found


def act(request: HttpRequest, chart: Chart, query: CdiQuery) -> HttpResponse:
    """``act``: save, preview, send, verbal, option, template, freely, provider, cite, discard, or ``link:``,
    ``drop:`` and ``drop-option:`` with an id.

    What is refused comes back with the form as it was typed.
    """
    verb, _, argument = request.POST.get("act", "save").partition(":")
    does = ACTS.get(verb)
    if does is None:
        raise InvalidInput("The form is incomplete: reload the page.", code="query.act")
    posted = None
    query = standing_draft(query)
    query.encounter = chart.open.encounter
    try:
        posted, content = typed(request, query, used_template(query))
        return does(request, chart, query, posted, content, argument)
    except (Conflict, NotFound, NotAllowed):
        raise
    except DomainError as error:
        field = str(error.details.get("field") or FIELDS.get(error.code, ""))
        shown = Shown(
            draft=query,
            posted=posted,
            content=content if posted else None,
            errors={field: error.message},
            checked=verb in ("send", "verbal", "preview"),
        )
        return show_panel(request, chart, shown, say=error.message, status=422)


FIELDS: Mapping[str, str] = {
    "query.no_provider": "provider",
    "query.provider_left": "provider",
    "answer.option": "answer_option",
    "answer.missing": "answer_option",
    "answer.too_long": "answer_words",
    "answer.words_missing": "answer_words",
}


def _kept(
    request: HttpRequest, query: CdiQuery, posted: Posted, content: QueryContent, template: Chosen = None
) -> CdiQuery:
    return save_draft(
        actor=actor_of(request),
        query=query,
        content=replace(content, options=arranged(content.kind, content.options, wording())),
        provider=query.provider,
        impacts=posted.impacts,
        internal_note=posted.internal_note,
        channel=posted.channel,
        template=template,
    )


def _again(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, say: str, *, preview: bool = False
) -> HttpResponse:
    """The panel with the draft as it is kept now."""
    if not is_partial(request):
        return leave(
            request, draft_href(chart.client.slug, query) + ("?step=preview#q-preview" if preview else "")
        )
    # What the draft itself does not keep stays in its form: reasons, the answer by word of mouth.
    shown = Shown(draft=query, posted=replace(posted, fields={}), errors=posted.errors, preview=preview)
    return show_panel(request, chart, shown, say=say)


def _save(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, _: str
) -> HttpResponse:
    kept = _kept(request, query, posted, content)
    return _again(request, chart, kept, posted, "Draft saved.")


def _preview(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, _: str
) -> HttpResponse:
    kept = _kept(request, query, posted, content)
    return _again(request, chart, kept, posted, "As the provider sees it.", preview=True)


def _find_provider(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, _: str
) -> HttpResponse:
    kept = _kept(request, query, posted, content)
    shown = Shown(draft=kept, posted=posted)
    return show_panel(request, chart, shown, say="The list of providers is narrowed.")


def _add_option(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, _: str
) -> HttpResponse:
    kept = _kept(request, query, posted, with_blank(content))
    return _again(request, chart, kept, posted, "Answer added.")


def _drop_option(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, which: str
) -> HttpResponse:
    left: tuple[AnswerOption, ...] = tuple(one for one in content.options if one.id != which)
    kept = _kept(request, query, posted, replace(content, options=left))
    return _again(request, chart, kept, posted, "Answer taken out.")


def _drop(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, which: str
) -> HttpResponse:
    kept = _kept(request, query, posted, content.without_indicator(which))
    return _again(request, chart, kept, posted, "Indicator taken out.")


def _link(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, which: str
) -> HttpResponse:
    """One indicator supports every diagnosis offered; a tick that is too much is taken out by hand."""
    named = wording().is_diagnostic
    options = tuple(
        replace(one, indicator_ids=(*one.indicator_ids, which)) if one.text and named(one.text) else one
        for one in content.options
    )
    kept = _kept(request, query, posted, known_links(replace(content, options=options)))
    return _again(request, chart, kept, posted, "Linked to every answer.")


def _cite(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, _: str
) -> HttpResponse:
    spans = posted_spans(request, chart.open.encounter)
    if not spans:
        raise InvalidInput(
            "Select words in the note first.", code="evidence.empty", details={"field": "q-lines"}
        )
    found = quoted(chart.open.encounter, spans, client_of(request).timezone)
    more = with_indicators(content, found)
    kept = _kept(request, query, posted, more)
    say = added(len(more.indicators) - len(content.indicators))
    return _again(request, chart, kept, posted, say)


def _template(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, _: str
) -> HttpResponse:
    key = request.POST.get("template", "")
    if not key:
        raise InvalidInput("Choose a template.", code="query.template", details={"field": "template"})
    chosen = template_of(query.client_id, key)
    filled = taken(content, chosen, chart.open.encounter, query.provider)
    kept = _kept(request, query, posted, filled, (chosen.key, chosen.version))
    return _again(request, chart, kept, posted, f"Template used: {chosen.name}.")


def _freely(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, _: str
) -> HttpResponse:
    """The words stay, and may be changed from now on; they are no template's any more."""
    kept = _kept(request, query, posted, replace(content, fields=()), ("", None))
    return _again(request, chart, kept, posted, "The words are your own now.")


def _discard(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, _: str
) -> HttpResponse:
    cancel_query(actor=actor_of(request), query=query, reason=CancelReason.NOT_NEEDED)
    if not is_partial(request):
        return leave(request, compose_href(chart.client.slug, chart.open.encounter))
    return show_panel(request, chart, Shown(blank=True), say="Draft discarded.")


def _send(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, _: str
) -> HttpResponse:
    if posted.channel is Channel.VERBAL:
        return _verbal(request, chart, query, posted, content, "")
    kept = _ready(request, query, posted, content)
    fence = fence_of(request) if chart.open.may_code else None
    sent = send_query(
        actor=actor_of(request),
        query=kept,
        reasons=posted.reasons,
        hold=posted.hold,
        fence=fence if posted.hold else None,
    )
    to = sent.provider.name if sent.provider else ""
    return _sent(request, chart, sent, f"Sent to {to}.")


def _verbal(
    request: HttpRequest, chart: Chart, query: CdiQuery, posted: Posted, content: QueryContent, _: str
) -> HttpResponse:
    if posted.errors:
        name, message = next(iter(posted.errors.items()))
        raise InvalidInput(message, code="query.verbal_day", details={"field": name})
    kept = _ready(request, query, posted, content)
    record_verbal(
        actor=actor_of(request),
        query=kept,
        option_id=posted.answer_option,
        words=posted.answer_words,
        reasons=posted.reasons,
    )
    kept.refresh_from_db()
    return _sent(request, chart, kept, "Question and answer are kept.")


def _ready(request: HttpRequest, query: CdiQuery, posted: Posted, content: QueryContent) -> CdiQuery:
    """The draft kept as it is to be sent: no empty answer, every field of its template filled in.

    Raises:
        Refused: a field of the template is missing or wrong; the draft is kept all the same.
    """
    kept = _kept(request, query, posted, without_blanks(content))
    template = used_template(kept)
    problems = field_problems(template, dict(content.fields)) if template else {}
    for name, message in problems.items():
        raise InvalidInput(message, code="query.field", details={"field": f"tf-{name}"})
    return kept


def _sent(request: HttpRequest, chart: Chart, query: CdiQuery, said: str) -> HttpResponse:
    """On to the worklist when the chart left the coder's hands, else the panel with the query in its list."""
    if query.pend_id is not None and chart.open.may_code:
        messages.success(request, f"{said} Visit {chart.open.encounter.external_id} waits for the answer.")
        return leave(request, "/work/")
    if query.pend_id is not None:
        said = f"{said} The chart waits for the answer."
    messages.success(request, said)
    return leave(request, compose_href(chart.client.slug, chart.open.encounter))


ACTS: Mapping[str, Callable[[HttpRequest, Chart, CdiQuery, Posted, QueryContent, str], HttpResponse]] = {
    "save": _save,
    "preview": _preview,
    "send": _send,
    "verbal": _verbal,
    "option": _add_option,
    "template": _template,
    "freely": _freely,
    "provider": _find_provider,
    "cite": _cite,
    "drop": _drop,
    "link": _link,
    "drop-option": _drop_option,
    "discard": _discard,
}
