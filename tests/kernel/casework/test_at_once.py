"""Two at once, each with a connection of its own: one is done, the other is told what happened; a form sent twice at once is one."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from django.db import connection, connections

from minzheng.kernel.benefits.models import Award
from minzheng.kernel.casework import actions
from minzheng.kernel.casework.actions.base import cached
from minzheng.kernel.casework.errors import CaseError, NotAllowed, StaleCase
from minzheng.kernel.casework.models import Authorisation, BundleCase, Case, CaseAction
from minzheng.kernel.casework.reading import standing_of
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine
from tests.beginnings import begun
from tests.kernel.casework.conftest import TODAY, VILLAGE, Town, a_town, living, submitted, token
from tests.kernel.casework.test_bundles import wanted
from tests.kernel.casework.test_urgent import asked


@pytest.fixture
def town(transactional_db: None, home: Home, settings: Any, tmp_path: Any) -> Iterator[Town]:
    """The town in a database that all threads see. SQLite's in-memory test database is one connection shared by all threads, which no
    deployment has: there the test looks at a file instead."""
    settings.SYNTHETIC = True
    if connection.vendor != "sqlite":
        yield begun(a_town, home)
        return
    shared = str(tmp_path / "shared.sqlite3")
    with closing(sqlite3.connect(shared)) as file:
        connection.connection.backup(file)  # the tables as the migrations leave them
    connections.close_all()
    old, before = connections["default"], connections.settings["default"]["NAME"]
    del connections["default"]
    connections["default"] = connections.create_connection("default")
    connections["default"].settings_dict = {**old.settings_dict, "NAME": shared}
    connections.settings["default"]["NAME"] = shared
    try:
        yield begun(a_town, home)
    finally:
        connections["default"].close()
        connections.settings["default"]["NAME"] = before
        connections["default"] = old


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs in threads that start together; results or refusals, in order."""
    ready = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            with clock.use(TODAY):
                ready.wait()
                return job()
        except CaseError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def one_and_refusals(found: list[Any], kind: type[CaseError]) -> CaseError:
    """Exactly one was done; the others were refused in one way."""
    refused = [each for each in found if isinstance(each, CaseError)]
    assert len(found) - len(refused) == 1 and {type(each) for each in refused} == {kind}, found
    return refused[0]


def sound(case: Case) -> None:
    case.refresh_from_db()
    standing = standing_of(case, TODAY)
    assert {name: getattr(case, name) for name in cached(standing)} == cached(standing)
    assert list(CaseAction.objects.filter(case=case).order_by("seq").values_list("seq", flat=True)) == list(range(1, case.version + 1))
    assert audit.verify() is None


def test_two_decide_the_same_page_at_once(town: Town) -> None:
    case = asked(town)
    actions.accept_case(case=case, by=town.by("town"), urgent=True)
    case.refresh_from_db()
    jobs = [
        lambda who=who: actions.decide(  # type: ignore[misc]
            case=case, by=town.by(who), kind="grant", amount_fen=50_000, explanation="先救急一部分", expected_version=case.version, form_token=token()
        )
        for who in ("town", "second_town", "county")
    ]  # fmt: skip
    stale = one_and_refusals(at_once(*jobs), StaleCase)
    assert "作出决定" in str(stale) and "已有变化" in str(stale)
    assert PaymentLine.objects.count() == PaymentBatch.objects.count() == 1
    sound(case)


def test_two_accept_at_once_without_a_page(town: Town) -> None:
    case = submitted(town)
    found = at_once(*(lambda who=who: actions.accept_case(case=case, by=town.by(who)) for who in ("town", "second_town")))  # type: ignore[misc]
    one_and_refusals(found, NotAllowed)
    assert CaseAction.objects.filter(case=case, verb="accept").count() == 1
    sound(case)


def test_accepting_and_declining_meet(town: Town) -> None:
    case = submitted(town)
    version = case.version
    found = at_once(
        lambda: actions.accept_case(case=case, by=town.by("town"), expected_version=version),
        lambda: actions.decline_case(case=case, by=town.by("second_town"), reason_code="not_here", explanation="不在本街道", expected_version=version),
    )
    one_and_refusals(found, StaleCase)
    sound(case)


def test_one_form_sent_many_times_at_once_is_one(town: Town) -> None:
    same = token()

    def send() -> Case:
        return actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=same)

    found = at_once(send, send, send)
    assert len({case.pk for case in found}) == 1 == Case.objects.count()
    again = token()
    sent = at_once(*(lambda: actions.submit_case(case=found[0], answers=living(town), by=town.citizen, form_token=again) for _ in range(3)))
    assert [case.pk for case in sent] == [found[0].pk] * 3
    assert CaseAction.objects.filter(verb="submit").count() == 1
    sound(found[0])
    bundle = token()
    rows = at_once(*(
        lambda: actions.apply_bundle(bundle="hardship_in_one", applicant=town.father, answers=wanted(town, want_living="none"), by=town.by("town"), form_token=bundle,
                                     applied_by="household", promises=["event"], division_code=VILLAGE) for _ in range(2)
    ))  # fmt: skip
    assert len({row.pk for row in rows}) == 1 == BundleCase.objects.count() and Case.objects.count() == 3


def test_two_forms_for_one_matter_at_once(town: Town) -> None:
    found = at_once(*(lambda: actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=token()) for _ in range(2)))
    refused = one_and_refusals(found, CaseError)
    assert "正在办理" in str(refused) and Case.objects.count() == 1


def test_an_award_and_a_signature_come_once(town: Town) -> None:
    with clock.use(TODAY):
        case = submitted(town)
    signed = at_once(*(lambda: actions.authorise(case=case, person=town.mother, by=town.citizen, signed_how="phone") for _ in range(3)))
    assert len({row.pk for row in signed}) == 1 == Authorisation.objects.count()
    ready = ready_to_propose_of(town, case)
    version = ready.version
    found = at_once(*(
        lambda who=who: actions.propose(case=ready, by=town.by(who), kind="grant", opinion="同意", class_="B", expected_version=version)  # type: ignore[misc]
        for who in ("town", "second_town")
    ))  # fmt: skip
    one_and_refusals(found, StaleCase)
    assert not Award.objects.exists()
    sound(ready)


def ready_to_propose_of(town: Town, case: Case) -> Case:
    """What `ready_to_propose` does to a case that is there."""
    actions.accept_case(case=case, by=town.by("town"))
    actions.authorise(case=case, person=town.father, by=town.by("town"), signed_how="paper")
    actions.run_check(case=case, by=town.by("town"), purpose="低保审核核对")
    return actions.record_visit(
        case=case, by=town.by("worker"), visited_on=TODAY, met="本人", findings="家中陈设简单", with_whom=["同事"], form_token=token()
    )
