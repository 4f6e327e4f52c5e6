"""What the page of one query is given.  What only the vendor's people see stands in ``Inside``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdi_queries.views.provider.question import IndicatorView
from coding_ops.web.choices import Choice
from encounters.views.dto import Banner


@dataclass(frozen=True, slots=True)
class AskedOption:
    """One answer that was offered; ``given`` is the one the provider chose."""

    text: str
    given: bool


@dataclass(frozen=True, slots=True)
class AsSent:
    """The frozen words.  ``digest`` is their SHA-256 in hex; empty for a draft, whose words may change."""

    title: str
    paragraphs: tuple[str, ...]
    indicators: tuple[IndicatorView, ...]
    options: tuple[AskedOption, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """The provider's answer to the letter.  ``document_href`` opens it in the chart, to be cited."""

    outcome: str
    option: str
    words: str
    who: str
    how: str
    at: str
    digest: str
    document_href: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the trail."""

    at: str
    iso: str
    icon: str
    who: str
    what: str
    details: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code of a set as it stood."""

    code: str
    title: str
    mark: str


@dataclass(frozen=True, slots=True)
class CodeShift:
    """What the answer changed: a sentence a change, and both sets where the reader may see them."""

    sentences: tuple[str, ...]
    reasons: tuple[str, ...]
    before: tuple[CodeRow, ...] = ()
    after: tuple[CodeRow, ...] = ()
    shows_sets: bool = False


@dataclass(frozen=True, slots=True)
class LintRow:
    """One finding of the lint when the query was sent, and why it was let stand."""

    rule: str
    message: str
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProposedCode:
    """A code to look at: never applied by itself."""

    code: str
    title: str
    why: str
    href: str


@dataclass(frozen=True, slots=True)
class Inside:
    """For the vendor's people alone: a provider or a client is never given any of it."""

    edition: str
    lint: tuple[LintRow, ...]
    impacts: str
    note: str
    trigger: str
    effect: str
    proposals: tuple[ProposedCode, ...]


@dataclass(frozen=True, slots=True)
class Acts:
    """What this person may do now; ``failed`` names the act that was refused, ``values`` what was typed."""

    cancel: tuple[Choice, ...] = ()
    redirect: tuple[Choice, ...] = ()
    asks_npi: bool = False
    can_close: bool = False
    can_renew: bool = False
    can_escalate: bool = False
    failed: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.cancel or self.redirect or self.can_close or self.can_renew or self.can_escalate)


@dataclass(frozen=True, slots=True)
class Paper:
    """Where a PDF of a sent query is asked for, and its copies: value and words of the button."""

    href: str
    query: str
    copies: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TrailPage:
    """``/c/<client>/queries/<id>/``"""

    href: str
    list_href: str
    banner: Banner
    state: str
    tone: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    chart_href: str
    history_href: str
    draft_href: str
    question: AsSent
    answer: GivenAnswer | None
    steps: tuple[StepRow, ...]
    codes: CodeShift | None
    inside: Inside | None
    acts: Acts
    paper: Paper | None = None
