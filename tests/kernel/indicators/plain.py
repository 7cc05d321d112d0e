"""The figures of the plan counted in plain Python over all rows: no query of the product, nothing shared with it but the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from minzheng.kernel.benefits.models import Award, Entitlement
from minzheng.kernel.casework.models import Case, CaseAction
from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.ledger.models import PaymentLine
from minzheng.kernel.monitoring.models import Alert, AlertStep, Visit
from minzheng.kernel.registry.models import Fact, Household, Membership, Person

YEAR = date(2024, 1, 1)
CITY = "320400000000"
JINGKAI = ("320412001", "320412002", "320412003", "320412104", "320412105", "320412106")
BOARDS = {"320402": "tianning", "320404": "zhonglou", "320411": "xinbei", "320412": "wujin", "320413": "jintan", "320481": "liyang"}
HELPED = ("low_income", "borderline", "temporary_aid", "charity", "benefit_ended", "benefit_changed")
JUDGED = (*HELPED, "no_need", "in_order")
Thing = tuple[Any, str]  # what is counted, and where
Part = list[Thing]
Both = tuple[Part, Part | None]


class Rows:
    """Everything there is, as dictionaries."""

    def __init__(self) -> None:
        self.alerts = list(Alert.objects.values())
        self.escalated: dict[int, list[date]] = defaultdict(list)
        for step in AlertStep.objects.filter(verb="escalated").values():
            self.escalated[step["alert_id"]].append(step["on"])
        self.visited: dict[int, list[date]] = defaultdict(list)
        for visit in Visit.objects.values():
            self.visited[visit["alert_id"]].append(visit["visited_on"])
        self.cases = list(Case.objects.values())
        self.done: dict[tuple[int, str], list[date]] = defaultdict(list)
        for action in CaseAction.objects.values("case_id", "verb", "on"):
            self.done[action["case_id"], action["verb"]].append(action["on"])
        self.homes = {row["id"]: row for row in Household.objects.values("id", "division_code", "hukou_local")}
        self.members = list(Membership.objects.values())
        self.facts = list(Fact.objects.filter(kind="nonlocal_household_file").values())
        self.awards, self.entitlements = list(Award.objects.values()), list(Entitlement.objects.values())
        self.lines = list(PaymentLine.objects.values("person_key", "programme", "state", "changed_on", "division_code", "amount_fen"))
        self.batches = list(Batch.objects.values())
        self.keys = dict(Person.objects.values_list("id", "person_key"))


def figures(rows: Rows, on: date) -> dict[tuple[str, str], Both]:
    """(indicator, reading) → numerator, denominator."""
    found: dict[tuple[str, str], Both] = {}
    scenarios = ("large_medical_spending", "traffic_accident", "natural_disaster", "breadwinner_death", "severe_disability", "unemployment", "legal_aid")
    raised = [row for row in rows.alerts if YEAR <= row["raised_on"] <= on]
    found["alerts_in_time", "closed"] = _in_time(rows, raised, on)
    for name in scenarios:
        found[f"alerts_in_time_{name}", "closed"] = _in_time(rows, [row for row in raised if row["scenario"] == name], on)
    found["alerts_visited", "visited"] = _placed(row for row in raised if any(each <= on for each in rows.visited[row["id"]])), _placed(raised)
    closed = [row for row in rows.alerts if row["closed_on"] and YEAR <= row["closed_on"] <= on]
    found["alert_precision", "judged"] = tuple(_placed(row for row in closed if row["outcome"] in which) for which in (HELPED, JUDGED))  # type: ignore[assignment]
    _of_cases(rows, on, found)
    found["nonlocal_household_files", "alerted"] = _files(rows, on, raised)
    found["nonlocal_household_files", "in_need"] = _files(
        rows, on, [row for row in raised if row["outcome"] in HELPED and row["closed_on"] and row["closed_on"] <= on]
    )
    _of_benefits(rows, on, found)
    found["deliveries_in_time", "interval"] = _deliveries(rows, on)
    return found


def _placed(rows: Iterable[dict[str, Any]], key: str = "id") -> Part:
    return [(row[key], row["division_code"]) for row in rows]


def _in_time(rows: Rows, raised: list[dict[str, Any]], on: date) -> Both:
    good, due = [], []
    for row in raised:
        late = any(each <= on for each in rows.escalated[row["id"]])
        closed = row["closed_on"] is not None and row["closed_on"] <= on
        if closed or late:
            due.append(row)
        if closed and not late:
            good.append(row)
    return _placed(good), _placed(due)


def _of_cases(rows: Rows, on: date, found: dict[tuple[str, str], Both]) -> None:
    def did(row: dict[str, Any], verb: str, until: date) -> bool:
        return any(each <= until for each in rows.done[row["id"], verb])

    submitted = [row for row in rows.cases if row["submitted_on"] and YEAR <= row["submitted_on"] <= on]
    decided = [row for row in rows.cases if row["decided_on"] and YEAR <= row["decided_on"] <= on]
    found["cases_in_time", "never_climbed"] = _placed(row for row in decided if not did(row, "climb", row["decided_on"])), _placed(decided)
    found["promises_used", "submitted"] = _placed(row for row in submitted if did(row, "promise", on)), _placed(submitted)
    accepted = [row for row in submitted if did(row, "accept", on)]
    found["deferred_used", "accepted"] = _placed(row for row in accepted if did(row, "defer", on)), _placed(accepted)
    granted = {name: [row for row in decided if row["item"] == name and row["decision"] == "grant"] for name in ("temporary_assistance", "medical_charity")}
    people = {row["applicant_id"] for row in granted["medical_charity"]}
    homes = {row["household_id"] for row in granted["medical_charity"] if row["household_id"]}
    both = [row for row in granted["temporary_assistance"] if row["applicant_id"] in people or row["household_id"] in homes]
    found["temporary_and_charity", "same_year"] = _placed(both), _placed(granted["temporary_assistance"])


def _files(rows: Rows, on: date, alerts: list[dict[str, Any]]) -> Both:
    about = {row["person_id"] for row in alerts}
    lived = {
        each["household_id"] for each in rows.members
        if each["person_id"] in about and each["valid_from"] <= on and (each["valid_to"] is None or each["valid_to"] > YEAR)
    }  # fmt: skip
    filed, refused, planned = set(), set(), set()
    for row in rows.cases:
        if row["item"] != "nonlocal_household" or row["household_id"] is None:
            continue
        standing = row["submitted_on"] and row["submitted_on"] <= on and row["state"] not in ("withdrawn", "lapsed", "declined")
        if standing:
            filed.add(row["household_id"])
            if row["decision"] == "refuse":
                refused.add(row["household_id"])
        fact = any(
            each["person_id"] == row["applicant_id"] and each["valid_from"] <= on and (each["valid_to"] is None or each["valid_to"] > on) for each in rows.facts
        )
        plan = any(each <= on for each in rows.done[row["id"], "plan"])
        if row["decision"] == "record" and row["decided_on"] <= on and fact and plan:
            planned.add(row["household_id"])
    wanted = [row for key, row in rows.homes.items() if not row["hukou_local"] and key in (lived | filed) - refused]
    return _placed(row for row in wanted if row["id"] in planned), _placed(wanted)


def _of_benefits(rows: Rows, on: date, found: dict[tuple[str, str], Both]) -> None:
    def standing(*programmes: str) -> list[dict[str, Any]]:
        return [
            row for row in rows.entitlements
            if row["programme"] in programmes and row["valid_from"] <= on and (row["valid_to"] is None or row["valid_to"] > on)
        ]  # fmt: skip

    awards = [row for row in rows.awards if row["programme"] == "minimum_living" and row["since"] <= on and (row["until"] is None or row["until"] > on)]
    found["minimum_living_persons", "awarded"] = _placed(awards, "person_key"), None
    found["minimum_living_households", "entitled"] = _placed(standing("minimum_living"), "household_key"), None
    gifts = [row for row in rows.lines if row["programme"] == "electricity_gift" and row["state"] == "paid" and YEAR <= row["changed_on"] <= on]
    found["electricity_gifts", "arrived"] = _placed(gifts, "person_key"), None
    found["longevity_persons", "in_force"] = _placed(standing("longevity_allowance"), "person_key"), None
    orphans = standing("orphan_living", "unsupported_child_living")
    standard = (320_000, 240_000) if on < date(2024, 7, 1) else (338_000, 250_000)
    found["one_standard_for_children", "at_standard"] = (
        _placed((row for row in orphans if row["amount_fen"] in standard), "person_key"), _placed(orphans, "person_key"),
    )  # fmt: skip
    found["children_supported", "in_force"] = _placed(standing("orphan_living", "unsupported_child_living", "needy_child_living"), "person_key"), None
    found["disability_subsidy_persons", "in_force"] = _placed(standing("living_subsidy", "nursing_subsidy"), "person_key"), None
    allowance = [row for row in rows.entitlements if row["programme"] == "longevity_allowance"]
    ends = {(row["person_key"], row["valid_to"]) for row in allowance}
    begun = [
        row for row in allowance
        if row["opening_id"] is None and YEAR <= row["valid_from"] <= on and (row["person_key"], row["valid_from"]) not in ends
    ]  # fmt: skip
    found["longevity_without_application", "begun"] = _placed((row for row in begun if row["run_id"]), "person_key"), _placed(begun, "person_key")
    living = [row for row in rows.entitlements if row["programme"] == "living_subsidy"]
    raised = [
        row for row in standing("living_subsidy")
        if any(
            each["person_key"] == row["person_key"] and each["valid_to"] and YEAR < each["valid_to"] <= row["valid_from"] and each["amount_fen"] < row["amount_fen"]
            for each in living
        )
    ]  # fmt: skip
    found["subsidies_raised", "raised"] = _placed(raised, "person_key"), _placed(standing("living_subsidy"), "person_key")


def money(rows: Rows, on: date) -> dict[str, int]:
    """Place → 分 of electricity given."""
    found: dict[str, int] = defaultdict(int)
    for row in rows.lines:
        if row["programme"] == "electricity_gift" and row["state"] == "paid" and YEAR <= row["changed_on"] <= on:
            for place in places_of(row["division_code"]):
                found[place] += row["amount_fen"]
    return dict(found)


def _deliveries(rows: Rows, on: date) -> Both:
    good: Part = []
    all_: Part = []
    for row in rows.batches:
        if row["corrects_id"] is not None or not YEAR <= row["as_of"] <= on:
            continue
        all_.append((row["id"], CITY))
        if row["contract"] not in contracts():
            continue
        same = [each["as_of"] for each in rows.batches if each["contract"] == row["contract"] and each["corrects_id"] is None]
        earlier = max((day for day in same if day < row["as_of"]), default=None)
        if earlier is None or (row["as_of"] - earlier).days <= contracts()[row["contract"]].freshness_days:
            good.append((row["id"], CITY))
    return good, all_


def places_of(code: str) -> list[str]:
    """The city, county, town and board of a code."""
    if code == CITY:
        return [CITY]
    if code[:6] not in BOARDS:
        return []
    board = "jingkai" if code[:9] in JINGKAI else BOARDS[code[:6]]
    return [CITY, code[:6] + "000000", code[:9] + "000", board]


def by_place(part: Part) -> dict[str, int]:
    """Place → how many things; one in several places is in the last."""
    last: dict[Any, str] = {}
    for thing, code in part:
        last[thing] = max(last.get(thing, ""), code)
    found: dict[str, int] = defaultdict(int)
    for code in last.values():
        for place in places_of(code):
            found[place] += 1
    return dict(found)


Count = Callable[[Rows, date], dict[tuple[str, str], Both]]
