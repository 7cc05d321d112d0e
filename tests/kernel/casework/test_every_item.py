"""Every shipped item is driven along its whole road, on both sides of the law of 2026-07-01."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from minzheng.kernel.benefits.models import Award
from minzheng.kernel.casework import actions, catalogue, queries
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.reading import service_of
from minzheng.kernel.foundation import clock
from minzheng.kernel.ledger.models import PaymentLine
from minzheng.kernel.registry.models import Fact
from tests.kernel.casework.conftest import TODAY, VILLAGE, Town, season_paid, token
from tests.kernel.monitoring.small_lake import put_all

# Under the old measures it is refused (or kept), under the law it is granted (or ended).
WAYS = [pytest.param(date(2024, 6, 3), False, id="before"), pytest.param(date(2026, 7, 6), True, id="after")]


def made_up(schema: dict[str, Any], day: date) -> Any:
    """A sound answer to a field."""
    if "enum" in schema:
        return schema["enum"][0]
    kind, form = schema["type"], schema.get("format")
    if kind == "array":
        return [made_up(schema["items"], day)]
    if kind == "object":
        return {name: made_up(schema["properties"][name], day) for name in schema.get("required", ())}
    if kind == "boolean":
        return False
    if kind == "integer":
        return max(schema.get("minimum", 0), 100 if form == "fen" else 1)
    fixed = {"date": (day - timedelta(days=30)).isoformat(), "phone": "13900001234", "id_number": "320402198002299026"}
    return fixed.get(str(form)) or {"[0-9]{10,13}": "1234567890"}.get(schema.get("pattern", ""), "按实际情况填写")


def answered(case: Case, town: Town, service: Service, day: date) -> dict[str, Any]:
    known = queries.answers(case, town.by("town"))
    form = service.version.form
    return {**{name: made_up(form.fields[name], day) for name in form.required if name not in known}, **known}


@pytest.mark.parametrize(("day", "gives"), WAYS)
@pytest.mark.parametrize("item", list(catalogue.items()))
def test_along_the_whole_road(item: str, day: date, gives: bool, town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    with clock.use(day):
        by = town.by("town")
        prepared(item, day)
        how = "self" if catalogue.item(item).applicants.get("self") else "ex_officio"
        need = catalogue.item_at(item, day).version.place == "need"
        case = actions.open_case(item=item, applicant=town.mother, by=by, form_token=token(), applied_by=how, division_code=VILLAGE if need else "")
        service = service_of(case)
        promised = [m.name for m in service.version.materials if m.may_promise]
        answers = answered(case, town, service, day)
        asked = {material.name for material in service.materials(answers)}
        actions.submit_case(case=case, answers=answers, by=by, promises=[name for name in promised if name in asked])
        for material in queries.standing(case, by).open_materials:
            actions.defer_material(case=case, by=by, material=material.name)
        actions.accept_case(case=case, by=by)
        if later := [material.name for material in queries.standing(case, by).materials if material.mode == "later"]:
            with pytest.raises(CaseError):  # nothing is given before they are here
                actions.decide(case=case, by=town.by("county"), kind=_choice(service, True))
        for name in later:
            actions.attach_material(case=case, by=by, material=name, content=b"%PDF-1.4\n%%EOF")
    steps = service.version.steps[1:]
    for step in steps:
        with clock.use(day):
            day = max(day, _do(case, step.kind, town, service, day, _choice(service, gives)))
    with clock.use(day):
        actions.close_case(case=case, by=town.by("town"))
    case.refresh_from_db()
    assert (case.state, case.decision) == ("closed", _choice(service, gives))
    outcome = service.version.outcome.get(case.decision)
    handed = case.actions.filter(verb="outcome").first()
    assert (handed is not None) == (outcome is not None)
    if outcome and handed:
        awards = Award.objects.filter(source=f"办件 {case.number}")
        assert awards.count() == (0 if not outcome.award else 3 if outcome.mode == "household" else 1)
        assert PaymentLine.objects.filter(batch__key=f"case:{case.number}").count() == bool(outcome.payment)
        assert Fact.objects.filter(source=f"办件 {case.number}", person=town.mother).count() == bool(outcome.fact)


def prepared(item: str, day: date) -> None:
    """What the two gifts of charity rest on: a household of low income, bills that the insurance tells of, a season that was paid."""
    if item not in ("medical_charity", "electricity_gift"):
        return
    Award.objects.create(programme="minimum_living", mode="household", person_key=11, household_key=901, division_code=VILLAGE,
                         since=date(2024, 1, 1), source="测试", recorded_on=TODAY)  # fmt: skip
    bill = {"person_key": 11, "settled_on": day - timedelta(days=60), "visit_type": "inpatient", "self_paid_fen": 1_300_000, "own_paid_fen": 0}
    put_all({"medical_settlements": [bill]}, day - timedelta(days=3))
    season_paid("2023-12" if day.year == 2024 else "2026-07")


def _choice(service: Service, gives: bool) -> str:
    kinds = service.version.decision.kinds
    wanted = ("grant", "record", "end") if gives else ("refuse", "keep")
    return next(kind for kind in wanted if kind in kinds)


def _do(case: Case, kind: str, town: Town, service: Service, day: date, choice: str) -> date:
    """One step of the road."""
    by, decision = town.by("town"), service.version.decision
    outcome = service.version.outcome.get(choice)
    amount = 100_000 if outcome and outcome.payment else None
    if outcome and (outcome.up_to or outcome.needs_rule) and kind in ("propose", "decide"):
        weighed = queries.weighed(case, by)
        assert weighed is not None and weighed.eligible, weighed and [line.label for line in weighed.why.result.failed]
        amount = weighed.amount_fen
    class_ = next(iter(decision.classes), "")
    if kind == "check":
        for consent in queries.consents(case, by):
            actions.authorise(case=case, person=consent.person, by=by, signed_how="paper")
        actions.run_check(case=case, by=by, purpose="核对家庭经济状况")
    elif kind == "visit":
        actions.record_visit(case=case, by=by, visited_on=day, met="本人", findings="情况属实", with_whom=["同事"], form_token=token())
    elif kind == "propose":
        actions.propose(case=case, by=by, kind=choice, amount_fen=amount, class_=class_, opinion="按实际情况处理")
    elif kind == "publicity":
        until = actions.publish(case=case, by=by).until
        with clock.use(until + timedelta(days=1)):
            actions.take_down(case=case, by=by)
        return until + timedelta(days=1)
    elif kind == "plan":
        actions.record_plan(case=case, by=by, measures=[{"title": "看望", "owner": "社区", "due_on": day}], summary="帮助就医就学")
    elif kind == "decide":
        codes = list(decision.reasons)[:1] if choice in ("refuse", "end") else []
        if choice in decision.hearing_before:
            actions.hold_hearing(case=case, by=town.by("county"), heard_on=day, statement="没有意见")
        actions.decide(
            case=case, by=town.by("county"), kind=choice, amount_fen=amount, reason_codes=codes, explanation="按实际情况决定", class_=class_
        )
    elif kind == "announce":
        actions.publish(case=case, by=by)
    return day
