"""What must hold for any people and any rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.monitoring.catalogue import scenarios
from tests.domains.assistance.scenarios.casefile import Rows, detect, rows_of

AS_OF = date(2024, 6, 3)
DAYS = st.integers(-10, 400).map(lambda days: AS_OF - timedelta(days=days))
FEN = st.integers(0, 6_000_000)
quick = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def families(draw: st.DrawFn, first: int = 0) -> Rows:
    """Two households of up to three people with everything that can happen; keys start after `first`."""
    people, feeds = [], Rows()
    for number in range(draw(st.integers(1, 5))):
        key = first + number + 1
        person: dict[str, Any] = {
            "id": key, "home": first + 900 + number % 2, "relation": draw(st.sampled_from(["head", "spouse", "child"])),
            "born": date(draw(st.integers(1930, 2023)), 2, 28), "status": draw(st.sampled_from(["active"] * 5 + ["moved_out"])),
        }  # fmt: skip
        for what, values in (("wage", st.integers(0, 12000)), ("pension", st.integers(0, 5000)),
                             ("programme", st.sampled_from(["low_income", "borderline"]))):  # fmt: skip
            if draw(st.integers(0, 3)) == 0:
                person[what] = draw(values)
        people.append(person)
        _happen(draw, feeds, key)
    return rows_of(people, feeds)


def _happen(draw: st.DrawFn, feeds: Rows, key: int) -> None:
    pick = st.sampled_from
    events = {
        "medical_settlements": {"settled_on": DAYS, "self_paid_fen": FEN, "own_paid_fen": FEN},
        "traffic_accidents": {"occurred_on": DAYS, "injury": pick(["dead", "serious"]), "responsibility": pick(["none", "full"])},
        "disasters": {"occurred_on": DAYS, "house_damage": pick(["collapsed", "minor"]), "disaster_type": pick(["flood", "fire"]), "loss_fen": FEN},
        "deaths": {"death_date": DAYS, "source": pick(["police", "health"])},
        "disability_certificates": {"issued_on": DAYS, "category": pick("4567"), "level": pick("1234"), "status": pick(["valid", "frozen"])},
        "unemployment": {"registered_on": DAYS, "status": pick(["none", "receiving", "ended", "reemployed"]), "benefit_monthly_fen": FEN},
        "custody": {"started_on": DAYS, "kind": pick(["imprisonment", "detox"])},
        "vehicles": {"first_registered_on": DAYS, "status": pick(["normal", "cancelled"])},
        "real_estate": {"registered_on": DAYS, "usage": pick(["residence", "shop"]), "unit_no": pick("abc")},
        "market_entities": {"established_on": DAYS, "uscc": pick("xyz"), "capital_fen": FEN},
        "legal_aid": {"accepted_on": DAYS, "matter": pick(["labour", "family"]), "income_checked": pick(["hardship", "exempt"])},
    }  # fmt: skip
    for contract, columns in events.items():
        if draw(st.integers(0, 2)) == 0:
            feeds.setdefault(contract, []).append({"person_key": key, **{name: draw(values) for name, values in columns.items()}})


def findings(name: str, rows: Rows) -> pl.DataFrame:
    return detect(scenarios()[name], rows, AS_OF).findings


@pytest.mark.parametrize("name", list(scenarios()))
@quick
@given(ours=families(), others=families(first=100_000))
def test_strangers_change_nothing(name: str, ours: Rows, others: Rows) -> None:
    together = {contract: ours.get(contract, []) + others.get(contract, []) for contract in {*ours, *others}}
    found = findings(name, together).filter(pl.col("person_key") < 100_000)
    assert found.equals(findings(name, ours))


@pytest.mark.parametrize("name", sorted(set(scenarios()) - {"paid_after_death"}))
@quick
@given(rows=families())
def test_nobody_dead_or_gone_gets_an_alert_and_nobody_two(name: str, rows: Rows) -> None:
    found = findings(name, rows)
    gone = {row["person_key"] for row in rows.get("deaths", []) if row["death_date"] <= AS_OF}
    gone |= {row["person_key"] for row in rows["population"] if row["status"] != "active"}
    assert not gone & set(found["person_key"])
    assert found["person_key"].is_unique().all()
    assert found.filter(pl.col("event_date") > AS_OF).is_empty()
    assert set(found["severity_rank"]) <= {1, 2, 3}


@quick
@given(rows=families(), more=st.integers(1, 9_000_000), when=st.integers(0, 300), who=st.integers(1, 5))
def test_more_medical_spending_never_takes_help_away(rows: Rows, more: int, when: int, who: int) -> None:
    before = findings("large_medical_spending", rows)
    bill = {"person_key": who, "settled_on": AS_OF - timedelta(days=when), "self_paid_fen": more, "own_paid_fen": 0}
    after = findings("large_medical_spending", {**rows, "medical_settlements": [*rows.get("medical_settlements", []), bill]})
    homes = {row["person_key"]: row["household_key"] for row in rows["households"]}
    ranks = {homes[key]: rank for key, rank in after.select("person_key", "severity_rank").rows()}
    for key, rank in before.select("person_key", "severity_rank").rows():
        assert ranks[homes[key]] <= rank


@quick
@given(rows=families(), raised=st.integers(1, 20000))
def test_more_wages_never_make_an_unemployed_household_poorer(rows: Rows, raised: int) -> None:
    before = set(findings("unemployment", rows)["person_key"])
    richer = {**rows, "social_insurance": [{**r, "base_fen": r["base_fen"] + raised} for r in rows.get("social_insurance", [])]}
    assert set(findings("unemployment", richer)["person_key"]) <= before
