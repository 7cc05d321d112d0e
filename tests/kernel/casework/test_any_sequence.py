"""Whatever officials and citizens press, in whatever order: the tables stand as the actions say, nothing is lost, twice is once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.benefits.models import Award
from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.actions.base import cached
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Case, CaseAction, Publication
from minzheng.kernel.casework.people import Citizen
from minzheng.kernel.casework.reading import standing_of
from minzheng.kernel.casework.signing import PhoneProof
from minzheng.kernel.casework.verbs import ENDED, VERBS
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.models import AuditEntry
from tests.kernel.casework.conftest import OTHER, TODAY, Town, living, token

NIGHT = Actor.system("夜间批处理")
Call = Callable[[Case, Any, str], Any]


def calls(town: Town, told: dict[str, Any]) -> dict[str, Call]:
    """Every verb with sound arguments: (case, by, form token). `told`: what the application says more."""
    day, sound = clock.business_date, "按规定办理，情况属实"
    later = ["illness"] if "serious_illness" in told else []
    father = Citizen.signed_in(town.father.person_key)
    return {
        "submit": lambda c, by, t: actions.submit_case(case=c, answers=living(town, **told), by=by, form_token=t, later=later),
        "defer": lambda c, by, t: actions.defer_material(case=c, by=by, material="illness", form_token=t),
        "attach": lambda c, by, t: actions.attach_material(case=c, by=by, material="illness", content=b"%PDF-1.4\n%%EOF", form_token=t),
        "file": lambda c, by, t: actions.file_relative(case=c, by=by, relative="村委会主任", relation="兄弟", form_token=t),
        "his_own": lambda c, by, t: actions.authorise(case=c, person=town.father, by=father, signed_how="phone", signature="王建国"),
        "by_code": lambda c, by, t: actions.authorise(
            case=c, person=town.father, by=by, signed_how="phone", signature="王建国", proof=PhoneProof.of(town.father)
        ),
        "accept": lambda c, by, t: actions.accept_case(case=c, by=by, form_token=t),
        "decline": lambda c, by, t: actions.decline_case(case=c, by=by, reason_code="not_here", explanation=sound, form_token=t),
        "return": lambda c, by, t: actions.return_for_completion(case=c, by=by, missing={"phone": "请核对号码"}, form_token=t),
        "supplement": lambda c, by, t: actions.supplement_case(case=c, by=by, form_token=t),
        "authorise": lambda c, by, t: [actions.authorise(case=c, person=p, by=by, signed_how="paper") for p in (town.mother, town.father)],
        "check": lambda c, by, t: actions.run_check(case=c, by=by, purpose="低保审核核对", form_token=t),
        "assign": lambda c, by, t: actions.assign_case(case=c, to=town.second_town, by=by, form_token=t),
        "visit": lambda c, by, t: actions.record_visit(case=c, by=by, visited_on=day(), met="本人", findings=sound, with_whom=["同事"], form_token=t),
        "district": lambda c, by, t: actions.record_visit(case=c, by=by, visited_on=day(), met="本人", findings=sound, with_whom=["同事"], form_token=t),
        "propose": lambda c, by, t: actions.propose(case=c, by=by, kind="grant", opinion=sound, class_="B", form_token=t),
        "publish": lambda c, by, t: actions.publish(case=c, by=by, form_token=t),
        "take_down": lambda c, by, t: actions.take_down(case=c, by=by, because=sound, form_token=t),
        "hear": lambda c, by, t: actions.hold_hearing(case=c, by=by, heard_on=day(), statement=sound, form_token=t),
        "decide": lambda c, by, t: actions.decide(case=c, by=by, kind="grant", class_="B", explanation=sound, form_token=t),
        "refuse": lambda c, by, t: actions.decide(case=c, by=by, kind="refuse", reason_codes=["property"], explanation=sound, form_token=t),
        "withdraw": lambda c, by, t: actions.withdraw_case(case=c, by=by, because=sound, form_token=t),
        "transfer": lambda c, by, t: actions.transfer_case(case=c, by=by, to_division=OTHER, because=sound, form_token=t),
        "object": lambda c, by, t: actions.object_to(case=c, by=by, statement=sound, form_token=t),
        "review": lambda c, by, t: actions.review_objection(case=c, by=by, founded=False, explanation=sound, form_token=t),
        "founded": lambda c, by, t: actions.review_objection(case=c, by=by, founded=True, explanation=sound, form_token=t),
        "close": lambda c, by, t: actions.close_case(case=c, by=by, form_token=t),
        "extend": lambda c, by, t: actions.extend_limit(case=c, by=by, target="limit", because=sound, form_token=t),
        "pause": lambda c, by, t: actions.pause_case(case=c, by=by, why="away", explanation=sound, form_token=t),
        "resume": lambda c, by, t: actions.resume_case(case=c, by=by, form_token=t),
        "rate": lambda c, by, t: actions.rate_case(case=c, by=by, score=5, form_token=t),
        "night": lambda c, by, t: [
            step(as_of=day(), by=NIGHT) for step in (actions.lapse_overdue, actions.take_down_finished, actions.climb_overdue, actions.remind_rechecks)
        ],
    }  # fmt: skip


ROAD = ("submit", "accept", "authorise", "check", "visit", "propose", "publish", "take_down", "decide", "publish", "close")
ASKED_OF_RELATIVES = ("file", "district")  # before the decision
TWICE_IS_NOTHING_NEW = frozenset({"night", "authorise", "his_own", "by_code", "transfer", "attach"})
NAMES = ("citizen", "other_citizen", "worker", "town", "second_town", "county", "second_county", "city", "outside")


def suited(verb: str) -> str:
    return {"submit": "citizen", "visit": "worker", "decide": "county", "refuse": "county", "rate": "citizen", "supplement": "citizen",
            "defer": "citizen", "attach": "citizen", "by_code": "citizen", "district": "county"}.get(verb, "town")


reached: Counter[str] = Counter()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_sequence_of_verbs(town: Town, data: Any) -> None:
    with transaction.atomic():
        _drive(town, data)
        transaction.set_rollback(True)


def _drive(town: Town, data: Any) -> None:
    case = actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=token())
    told: dict[str, Any] = {}
    road, day = list(ROAD), TODAY
    if data.draw(st.booleans()):
        told["relative_of_staff"] = True
        road[road.index("decide"):road.index("decide")] = ASKED_OF_RELATIVES
    if data.draw(st.booleans()):
        told |= {"serious_illness": True, "care_costs_fen": 50000}
        road.insert(road.index("propose"), "attach")
    known = calls(town, told)
    for _ in range(data.draw(st.integers(10, 22))):
        day += timedelta(days=data.draw(st.sampled_from([0, 0, 0, 1, 8])))
        along = bool(road) and data.draw(st.integers(0, 3)) > 0
        verb = road[0] if along else data.draw(st.sampled_from(sorted(known)))
        who = suited(verb) if along or data.draw(st.booleans()) else data.draw(st.sampled_from(NAMES))
        with clock.use(day):
            done = _once(town, case, verb, who, known[verb])
        if along and (done or data.draw(st.booleans())):
            road.pop(0)
        _stands(case, day)
    reached[case.state] += 1
    assert audit.verify() is None


def _once(town: Town, case: Case, verb: str, who: str, call: Call) -> bool:
    """Do it, twice with one token; whether it was done. A refusal changes nothing and is on record."""
    by = getattr(town, who) if who.endswith("citizen") else town.by(who)
    before, refusals = CaseAction.objects.filter(case=case).count(), AuditEntry.objects.filter(verb__contains="refused").count()
    same = token()
    try:
        call(case, by, same)
    except (CaseError, Forbidden) as refused:
        assert CaseAction.objects.filter(case=case).count() == before
        assert AuditEntry.objects.filter(verb__contains="refused").count() > refusals
        assert str(refused) and any("\u4e00" <= letter <= "\u9fff" for letter in str(refused))
        return False
    after = CaseAction.objects.filter(case=case).count()
    assert who not in ("other_citizen", "outside") or verb in ("night", "his_own") or case.division_code == OTHER
    if verb not in TWICE_IS_NOTHING_NEW:
        assert after > before
        call(case, by, same)
        assert CaseAction.objects.filter(case=case).count() == after, f"{verb} sent twice is one"
    return after > before


def _stands(case: Case, day: date) -> None:
    case.refresh_from_db()
    standing = standing_of(case, day)
    assert {name: getattr(case, name) for name in cached(standing)} == cached(standing)
    assert (case.owner.username if case.owner else "") == standing.owner
    rows = list(CaseAction.objects.filter(case=case).order_by("seq").values_list("seq", "verb"))
    assert [seq for seq, _verb in rows] == list(range(1, len(rows) + 1)) and case.version == len(rows)
    assert {verb for _seq, verb in rows} <= set(VERBS)
    if standing.decision and standing.near:
        assert {"file", "visit"} <= {verb for _seq, verb in rows} and {"near_filing", "near_visit"} <= set(standing.done)
    if standing.decision and standing.decision.kind == "grant":
        assert not standing.open_materials, "nothing is given before the papers are there"
    hanging = {(row.step, row.until) for row in Publication.objects.filter(case=case, taken_down_on=None)}
    assert hanging == {(notice.step, notice.until) for notice in standing.notices if notice.hanging}
    granted = [verb for _seq, verb in rows if verb == "outcome"]
    assert bool(Award.objects.filter(source__contains=case.number).exists()) == bool(granted)
    assert Award.objects.filter(source__contains=case.number).count() in (0, 3), "handed on once, for three people"
    if standing.state in ENDED - {"closed"}:
        assert not hanging
    assert all(notice.case_id == case.pk for notice in queries.public_notices(day))
