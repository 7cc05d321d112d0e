"""The demo's cases: what grid workers found at the door is applied for, checked, visited, proposed, published and decided, some of it
each night, so that cases stand at every station of their road."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import typer

from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.reading import service_of
from minzheng.kernel.divisions.queries import unit_of
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.queries import user_named
from minzheng.kernel.monitoring import queries as monitoring

ITEMS = {"low_income": "minimum_living", "borderline": "borderline_status", "temporary_aid": "temporary_assistance"}
MOST = 60  # cases that are begun
PAID_FEN = 200_000  # of a temporary assistance
WAIT_SHARE = 0.3  # of the cases that rest for a night at each station
SAYS = "（演示）入户时了解的情况"


def work_on_cases(night: date) -> None:
    """Begin cases of what visits found, and take every open one some stations further. Repeating it does nothing twice."""
    with clock.use(night):
        everywhere = Actor.system("演示")
        begun, held_up = _begin(everywhere, night), 0
        for case in queries.cases(everywhere, state="open").order_by("pk"):
            try:
                _advance(case, night)
            except CaseError:
                held_up += 1  # what the rules of the item refuse waits for people, as in life
        typer.echo(f"  办件：新开 {begun} 件，在办 {queries.cases(everywhere, state='open').count()} 件" + (f"，其中 {held_up} 件待人工处理" if held_up else ""))


def _begin(everywhere: Actor, night: date) -> int:
    begun = queries.cases(everywhere).count()
    new = 0
    for alert in monitoring.alerts(everywhere, status="closed").order_by("pk"):
        if alert.outcome not in ITEMS or begun + new >= MOST:
            continue
        town = _official(alert.division_code)
        if queries.cases(everywhere, people=[alert.person_id]).exists():
            continue
        try:
            case = actions.open_from_alert(alert=alert, item=ITEMS[alert.outcome], by=town, form_token=f"demo-{alert.pk}", division_code=_place(alert.outcome, alert.division_code))
            _submit(case, town)
            new += 1
        except CaseError:
            continue  # not for this household, or another of it has applied
    return new


def _place(outcome: str, village: str) -> str:
    return village if outcome == "temporary_aid" else ""


def _submit(case: Case, by: Actor) -> None:
    service, known = service_of(case), queries.answers(case, by)
    form = service.version.form
    answers = {**{name: _answer(form.fields[name]) for name in form.required if name not in known}, **known}
    asked = {material.name for material in service.materials(answers)}
    promised = [material.name for material in service.version.materials if material.may_promise and material.name in asked]
    actions.submit_case(case=case, answers=answers, by=by, promises=promised, signature="演示")


def _answer(schema: dict[str, Any]) -> Any:
    """A sound answer to a field that nothing is known of."""
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "array":
        return [_answer(schema["items"])]
    if schema["type"] == "object":
        return {name: _answer(schema["properties"][name]) for name in schema.get("required", ())}
    if schema["type"] == "boolean":
        return False
    if schema["type"] == "integer":
        return max(int(schema.get("minimum", 0)), 0)
    fixed = {"date": clock.business_date().isoformat(), "phone": "13900000000"}
    return fixed.get(str(schema.get("format"))) or ("1" * 12 if "pattern" in schema else SAYS)


def _advance(case: Case, night: date) -> None:
    """Some stations further; where it rests is drawn from its number and the day."""
    for station in range(8):
        if _chance(f"{case.alert_id}:{night}:{station}") < WAIT_SHARE or not _one_step(case):
            return
        case.refresh_from_db()


def _one_step(case: Case) -> bool:
    """The first step that is open; whether there was one that the demo's people do."""
    town, service = _official(case.division_code), service_of(case)
    standing = queries.standing(case, town)
    allowed, today = standing.allowed, clock.business_date()
    if "accept" in allowed:
        for material in standing.open_materials:
            actions.defer_material(case=case, by=town, material=material.name)
        actions.accept_case(case=case, by=town)
    elif "check" in allowed:
        for consent in queries.consents(case, town):
            actions.authorise(case=case, person=consent.person, by=town, signed_how="paper", signature="演示")
        actions.run_check(case=case, by=town, purpose="审核前核对家庭经济状况")
    elif "visit" in allowed:
        actions.record_visit(
            case=case, by=town, visited_on=today, met="本人", findings=SAYS, with_whom=["村（社区）干部"], form_token=f"demo-visit-{case.pk}",
        )  # fmt: skip
    elif "propose" in allowed:
        kind, amount = _wanted(case, town)
        actions.propose(case=case, by=town, kind=kind, amount_fen=amount, opinion="（演示）同入户和核对情况", class_=next(iter(service.version.decision.classes), ""))
    elif "file" in allowed:
        actions.file_relative(case=case, by=town, relative="（演示）村（社区）工作人员", relation="兄弟姐妹")
    elif "publish" in allowed:
        actions.publish(case=case, by=town)
    elif "decide" in allowed and standing.papers_due_on:
        for material in standing.open_materials:
            actions.attach_material(case=case, by=town, material=material.name, content=b"%PDF-1.4\n%%EOF")
    elif "decide" in allowed and standing.proposal:
        kind = standing.proposal.kind
        reasons = list(service.version.decision.reasons)[:1] if kind == "refuse" else []
        actions.decide(
            case=case, by=_district(case.division_code), kind=kind, amount_fen=standing.proposal.amount_fen, reason_codes=reasons,
            explanation="（演示）按审核意见" if reasons else "", class_=next(iter(service.version.decision.classes), ""),
        )  # fmt: skip
    else:
        return False
    return True


def _wanted(case: Case, by: Actor) -> tuple[str, int | None]:
    """What the rule says; what no rule reckons is granted with the demo's sum."""
    weighed, service = queries.weighed(case, by), service_of(case)
    kind = "grant" if weighed is None or weighed.eligible else "refuse"
    outcome = service.version.outcome.get(kind)
    return kind, (weighed.amount_fen if weighed and weighed.amount_fen else PAID_FEN) if outcome and outcome.payment else None


def _official(village: str) -> Actor:
    """The town's official, or where a board works without towns the district's."""
    return _named(f"z{village[:9]}") if user_named(f"z{village[:9]}") else _district(village)


def _district(village: str) -> Actor:
    board = unit_of(village, clock.business_date())
    assert board is not None, village
    return _named(board.slug)


def _named(username: str) -> Actor:
    user = user_named(username)
    assert user is not None, username
    return Actor.of(user)


def _chance(text: str) -> float:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest()) / (1 << 32)
