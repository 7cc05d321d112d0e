"""Promises (告知承诺): a random check, reproducible from its seed, and what came of it."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction

from minzheng.kernel.casework.actions.base import MACHINE, Work, begin, reason, verb
from minzheng.kernel.casework.actions.night import LADDER, tell_level
from minzheng.kernel.casework.actions.opening import BROKEN
from minzheng.kernel.casework.clocks import add_months
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Case, PromiseDraw
from minzheng.kernel.divisions.queries import inside
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.registry.actions import FactData, upsert_facts


@transaction.atomic
def draw_promises(*, by: Actor, division_code: str, count: int, seed: str = "") -> PromiseDraw:
    """Draw cases whose promises are to be checked, among the decided ones of the actor's jurisdiction with promises never drawn. Whoever
    has the seed and the list can draw again (`drawn_from`). Raises Forbidden, CaseError when there is nothing to draw from."""
    by.require("cases.supervise")
    today = clock.business_date()
    try:
        there = inside(division_code, today)
    except (LookupError, ValueError) as unknown:
        raise CaseError(f"没有这个范围：{unknown}") from unknown
    rows = scoped(Case.objects.select_for_update(of=("self",)), by).filter(there, state__in=["decided", "closed"], promises_open__gt=0)
    cases = {case.number: case for case in rows.order_by("number")}
    if not 0 < count <= 500:
        raise CaseError("抽查件数应在 1 到 500 之间")
    if not cases:
        raise CaseError("这个范围里没有可以抽查的承诺")
    seed = seed.strip() or secrets.token_hex(16)
    drawn = drawn_from(list(cases), seed, count)
    row = PromiseDraw.objects.create(
        division_code=division_code, seed=seed, among=list(cases), drawn=drawn, drawn_on=today, drawn_by=by.name
    )
    for number in drawn:
        begin("draw", cases[number], by).commit({"draw": row.pk}, note="随机抽查告知承诺")
    audit.record(by, "promise.draw", f"promise_draw:{row.pk}", seed=seed, among=len(cases), drawn=len(drawn))
    return row


def drawn_from(numbers: list[str], seed: str, count: int) -> list[str]:
    """The draw itself: the numbers with the smallest SHA-256 of seed and number, as many as asked, in the order of the numbers."""
    ranked = sorted(numbers, key=lambda number: hashlib.sha256(f"{seed}:{number}".encode()).hexdigest())
    return sorted(ranked[:count])


@verb("kept")
def settle_promise(*, case: Case, by: Actor, material: str, kept: bool, findings: str, form_token: str = "") -> Case:
    """What the check of a drawn promise came to. A breach stands with the person, who makes no other promise meanwhile; what was granted
    is due for a re-check at once, and the district is told. Raises CaseError."""
    work = begin("kept" if kept else "breach", case, by, form_token)
    if work.repeated:
        return work.case
    case = work.commit({"material": material}, content={"findings": reason(findings, "核查情况", 4)})
    if not kept:
        _broken(work)
    return case


def _broken(work: Work) -> None:
    """It stands with the person for a while, what was granted is to be checked again now, and the district hears of it."""
    until = add_months(work.today, LADDER.at(work.today).number("credit_months"))
    applicant = work.case.applicant
    fact = FactData(applicant.person_key, BROKEN, f"办件 {work.case.number}"[:64], None, work.today, until, f"办件 {work.case.number}", "")
    upsert_facts(facts=[fact], about={applicant.person_key: applicant.pk}, kinds=[BROKEN], as_of=work.today, by=MACHINE)
    tell_level([work.case.division_code], "county", "promise_broken", "{count} 件办件承诺失实", "请复核待遇，需要追回的按程序办理", f"case:{work.case.pk}", work.today)
