"""Releases in the database: loaded whole or not at all, immutable, one in force a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, transaction

from code_sets import index_store, selectors
from code_sets.actions.releases import load_release_file
from code_sets.loaders.base import LoadError
from code_sets.models import Code, CodeSetRelease
from coding_ops.core.errors import NotFound, Refused
from tests.rules.code_sets.small_release import ORDER_ROWS, order_file, tabular_file

pytestmark = pytest.mark.django_db
ICD10CM = "ICD-10-CM"


def unwatched(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture(autouse=True)
def _own_index_folder(settings: object, tmp_path: Path) -> Iterator[None]:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"  # type: ignore[attr-defined]
    selectors.forget_releases()
    yield
    selectors.forget_releases()


def load(path: Path, release: str | None = None) -> CodeSetRelease:
    with transaction.atomic():
        return load_release_file(system=ICD10CM, path=path, release=release, progress=unwatched).release


def state() -> tuple[int, int]:
    return CodeSetRelease.objects.count(), Code.objects.count()


def test_loading_keeps_every_entry_with_its_place_and_notes(tmp_path: Path) -> None:
    release = load(tabular_file(tmp_path))
    code = Code.objects.get(release=release, code="S52501A")
    assert code.is_billable
    assert code.parent_code == "S52501"
    assert (
        code.title
        == "Unspecified fracture of the lower end of right radius, initial encounter for closed fracture"
    )
    assert ["excludes1", "hypertensive disease complicating pregnancy (O10-O11)"] in Code.objects.get(
        release=release, code="I10-I1A"
    ).notes
    assert release.code_count == Code.objects.filter(release=release).count()


def test_the_same_file_again_says_already_loaded_and_adds_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tabular_file(tmp_path)
    call_command("load_release", ICD10CM, str(path))
    before = state()
    call_command("load_release", ICD10CM, str(path))
    assert state() == before
    assert "Already loaded: ICD-10-CM 2026" in capsys.readouterr().out


def test_a_cut_file_is_refused_whole_with_its_line(tmp_path: Path) -> None:
    path = tabular_file(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CommandError, match=r"Nothing was loaded\. .*line \d+: the XML is cut"):
        call_command("load_release", ICD10CM, str(path))
    assert state() == (0, 0)


def test_a_file_with_far_fewer_codes_than_the_release_before_is_refused(tmp_path: Path) -> None:
    load(tabular_file(tmp_path))
    before = state()
    with pytest.raises(LoadError, match="the file looks cut"):
        load(order_file(tmp_path, ORDER_ROWS[:3]), "2027")
    assert state() == before


def test_another_file_of_a_loaded_release_is_refused(tmp_path: Path) -> None:
    load(tabular_file(tmp_path))
    with pytest.raises(LoadError, match="a release never changes"):
        load(order_file(tmp_path), "2026")


def test_a_newer_release_ends_the_one_before_on_its_eve(tmp_path: Path) -> None:
    old = load(tabular_file(tmp_path))
    assert selectors.release_in_force(ICD10CM, date(2026, 11, 23)) == old
    new = load(order_file(tmp_path), "2027")
    old.refresh_from_db()
    assert old.effective_to == date(2026, 9, 30)
    assert new.effective_to is None
    selectors.forget_releases()
    assert selectors.release_in_force(ICD10CM, date(2026, 9, 30)) == old
    assert selectors.release_in_force(ICD10CM, date(2026, 10, 1)) == new


def test_a_day_without_a_release_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No release of ICD-10-CM is loaded"):
        selectors.release_in_force(ICD10CM, date(2026, 1, 1))
    load(tabular_file(tmp_path))
    selectors.forget_releases()
    with pytest.raises(Refused, match=r"in force on 2019-05-04\. Loaded: 2026 \(2025-10-01 to now\)"):
        selectors.release_in_force(ICD10CM, date(2019, 5, 4))


def test_the_database_refuses_two_releases_of_one_day(tmp_path: Path) -> None:
    release = load(tabular_file(tmp_path))
    release.pk = None
    with pytest.raises(IntegrityError, match="one_release_in_force"), transaction.atomic():
        CodeSetRelease.objects.create(
            system=ICD10CM,
            release="x",
            title="x",
            published_from=date(2026, 1, 1),
            effective_from=date(2026, 1, 1),
            effective_to=date(2026, 1, 2),
            source="x",
            sha256="x",
            code_count=0,
        )


@pytest.mark.parametrize(
    "change",
    [
        lambda: Code.objects.update(title="changed"),
        lambda: Code.objects.all().delete(),
        lambda: CodeSetRelease.objects.update(release="changed"),
        lambda: CodeSetRelease.objects.all()._raw_delete("default"),
    ],
)
def test_the_application_cannot_change_a_loaded_release(tmp_path: Path, change: object) -> None:
    load(tabular_file(tmp_path))
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        change()  # type: ignore[operator]
    assert not Code.objects.filter(title="changed").exists()


def test_only_billable_codes_of_the_release_in_force_can_be_assigned(tmp_path: Path) -> None:
    load(tabular_file(tmp_path))
    day = date(2026, 1, 15)
    assert selectors.check_assignable(ICD10CM, "i10", day).ok
    heading = selectors.check_assignable(ICD10CM, "S52.501", day)
    assert (heading.ok, heading.billable) == (False, False)
    assert heading.reason == "S52.501 is a heading, not a code: choose one below it."
    absent = selectors.check_assignable(ICD10CM, "E11.9", day)
    assert not absent.ok
    assert "not a code of ICD-10-CM 2026" in absent.reason
    assert not selectors.check_assignable(ICD10CM, "I-10", day).ok


def test_procedures_are_checked_for_form_until_their_code_sets_are_loaded() -> None:
    day = date(2026, 1, 15)
    assert selectors.check_assignable("CPT", "99213", day).ok
    assert selectors.check_assignable("HCPCS", "g0467", day).ok
    refused = selectors.check_assignable("CPT", "9921", day)
    assert not refused.ok
    assert "9921 is not a CPT code" in refused.reason


def test_valid_until_names_the_published_end(tmp_path: Path) -> None:
    load(tabular_file(tmp_path))
    near = selectors.check_assignable(ICD10CM, "I10", date(2026, 9, 20))
    assert (near.valid_until, near.past_published_end) == (date(2026, 9, 30), False)


def test_a_day_after_the_published_end_is_assignable_and_says_so(tmp_path: Path) -> None:
    load(tabular_file(tmp_path))
    later = selectors.check_assignable(ICD10CM, "I10", date(2026, 11, 23))
    assert (later.ok, later.valid_until, later.past_published_end) == (True, None, True)


def test_search_answers_from_the_release_of_the_day(tmp_path: Path) -> None:
    load(tabular_file(tmp_path))
    found = selectors.search_codes(ICD10CM, date(2026, 1, 15), "high blood pressure", 5)
    assert found[0].code == "I10"


def test_a_lost_index_is_built_again_from_the_database(tmp_path: Path) -> None:
    release = load(tabular_file(tmp_path))
    path = index_store.folder() / selectors.index_name_of(release)
    built = path.read_bytes()
    path.write_bytes(built[:100])
    index_store._open.cache_clear()
    assert selectors.search_codes(ICD10CM, date(2026, 1, 15), "i10", 1)[0].code == "I10"
    assert path.read_bytes() == built


def test_a_list_without_terms_borrows_them_and_its_headings(tmp_path: Path) -> None:
    first = load(tabular_file(tmp_path))
    codes = tmp_path / "icd10cm_codes_2027.txt"
    billable = Code.objects.filter(release=first, is_billable=True).values_list("code", "title")
    codes.write_text("".join(f"{code:<8}{title}\n" for code, title in billable))
    second = load(codes)
    assert second.terms_from == first
    assert Code.objects.get(release=second, code="I10").parent_code == ""
    assert Code.objects.get(release=second, code="S52501A").parent_code == "S52501"
    selectors.forget_releases()
    assert selectors.search_codes(ICD10CM, date(2026, 11, 1), "benign hypertension", 3)[0].code == "I10"


def test_search_asks_the_database_nothing_once_the_releases_are_known(
    tmp_path: Path, django_assert_num_queries: object
) -> None:
    load(tabular_file(tmp_path))
    selectors.search_codes(ICD10CM, date(2026, 1, 15), "hyp", 5)
    with django_assert_num_queries(0):  # type: ignore[operator]
        selectors.search_codes(ICD10CM, date(2026, 1, 15), "hypert", 5)
        selectors.check_assignable(ICD10CM, "I10", date(2026, 1, 15))


def test_a_code_comes_with_its_notes(tmp_path: Path) -> None:
    load(tabular_file(tmp_path))
    detail = selectors.get_code(ICD10CM, "I10", date(2026, 1, 15))
    assert "high blood pressure" in [note.text for note in detail.notes]
    with pytest.raises(NotFound):
        selectors.get_code(ICD10CM, "E119", date(2026, 1, 15))


@pytest.mark.django_db(transaction=True)
def test_the_catalog_names_what_is_loaded_after_the_commit(tmp_path: Path) -> None:
    call_command("load_release", ICD10CM, str(tabular_file(tmp_path)))
    entry = index_store.entry_in_force(ICD10CM, date(2026, 11, 23))
    assert entry is not None
    assert entry.release == "2026"
    assert (index_store.folder() / entry.index).exists()
