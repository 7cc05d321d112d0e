"""The night over a real lake: awards follow the roster, the closed month is drafted, what was paid can be read like a feed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from minzheng.kernel.benefits import actions, room
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Award, Entitlement, Run, Snapshot
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.feeds import lake
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import Notification
from minzheng.kernel.rules.language import Month
from tests.domains.assistance.scenarios.casefile import VILLAGE, rows_of
from tests.kernel.benefits.conftest import APPROVER, CLERK, DISTRICT
from tests.kernel.monitoring.conftest import Town, town  # noqa: F401 - fixture
from tests.kernel.monitoring.small_lake import put, put_all

NIGHT = date(2024, 6, 3)


def roster(person: int, home: int, since: date = date(2023, 1, 1), until: date | None = None, programme: str = "low_income") -> dict[str, Any]:
    return {"person_key": person, "programme": programme, "household_key": home, "since": since, "until": until, "village_code": VILLAGE}


@pytest.fixture
def small_city(town: Town, home: Home) -> Home:  # noqa: F811
    """An elder of ninety, a family on the roster, and a recipient who is dead."""
    feeds = rows_of(
        [{"id": 1, "home": 901, "born": date(1934, 5, 1)}, {"id": 11, "home": 902}, {"id": 12, "home": 902, "relation": "child", "born": date(2015, 1, 1)},
         {"id": 21, "home": 903}],
        {"assistance_recipients": [roster(11, 902), roster(12, 902), roster(21, 903)],
         "deaths": [{"person_key": 21, "death_date": date(2024, 5, 10), "source": "health"}]},
    )  # fmt: skip
    put_all(feeds)
    return home


def awards() -> list[tuple[str, int, date | None]]:
    return sorted(Award.objects.values_list("programme", "person_key", "until"), key=str)


def test_awards_follow_the_roster_and_deaths_and_a_second_night_changes_nothing(small_city: Home) -> None:
    with clock.use(NIGHT):
        assert actions.take_roster(as_of=NIGHT, by=room.NIGHT) == (3, 3, 1)
        assert actions.take_roster(as_of=NIGHT, by=room.NIGHT) == (3, 0, 0)
    assert awards() == [
        ("minimum_living", 11, None), ("minimum_living", 12, None), ("minimum_living", 21, date(2024, 6, 1)),
    ]  # fmt: skip
    put("assistance_recipients", [roster(12, 902, until=date(2024, 7, 1))], date(2024, 6, 30))
    with clock.use(date(2024, 7, 2)):
        assert actions.take_roster(as_of=date(2024, 7, 2), by=room.NIGHT)[1:] == (0, 1)
        assert actions.take_roster(as_of=date(2024, 7, 2), by=room.NIGHT)[1:] == (0, 0)
    assert ("minimum_living", 12, date(2024, 7, 1)) in awards()


def test_the_night_drafts_the_month_that_is_over(small_city: Home, town: Town) -> None:  # noqa: F811
    with clock.use(NIGHT):
        room.take_awards(NIGHT, lambda _done, _total: None)
        counts = room.prepare_run(NIGHT, lambda _done, _total: None)
        again = room.prepare_run(NIGHT, lambda _done, _total: None)
    run = Run.objects.get()
    assert (run.month, run.state, counts) == ("2024-05", "draft", again)
    assert counts.rows_in == 4 and counts.rows_out >= 2
    found = {(row.programme, row.unit_key): row.is_fen for row in run.changes.all()}
    assert ("longevity_allowance", 1) in found and ("minimum_living", 902) in found
    assert ("minimum_living", 903) in found, "in May the dead still lived on the first"
    assert not Entitlement.objects.exists() and not Notification.objects.filter(kind="benefit_run").exists(), "no clerk here"


def test_a_month_that_is_not_over_is_refused_and_nothing_is_left(small_city: Home) -> None:
    with clock.use(date(2024, 5, 31)), pytest.raises(SnapshotError, match="还没有结束"):
        actions.compute_run(month=Month.of("2024-06"), by=CLERK)
    assert not Snapshot.objects.exists() and not Run.objects.exists() and not list(small_city.snapshots.glob("*"))


def test_what_was_paid_is_read_like_a_feed(small_city: Home, settings: Any) -> None:
    settings.SYNTHETIC = True
    assert lake.scan("benefits_paid", NIGHT).collect().is_empty()
    with clock.use(NIGHT):
        room.take_awards(NIGHT, lambda _done, _total: None)
        run = actions.submit_run(run=actions.compute_run(month=Month.of("2024-05"), by=room.NIGHT), by=CLERK)
        actions.approve_run(run=run, by=APPROVER)
    rows = lake.scan("benefits_paid", NIGHT).collect()
    assert rows.columns == list(lake.schema("benefits_paid")) and dict(rows.schema) == lake.schema("benefits_paid")
    assert rows["amount_fen"].sum() == sum(row["fen"] for row in run.totals.values())
    assert set(rows["month"]) == {date(2024, 5, 1)} and set(rows["paid_on"]) == {NIGHT}
    who = lake.scan("benefits_enrolled", NIGHT).collect()
    assert dict(who.schema) == lake.schema("benefits_enrolled")
    assert sorted(who["person_key"]) == sorted(Entitlement.objects.values_list("person_key", flat=True))
    assert lake.scan("benefits_enrolled", date(2024, 6, 2)).collect().is_empty()
    assert lake.parts("benefits_paid", NIGHT) == lake.parts("benefits_paid", NIGHT)


def test_awards_of_casework_begin_and_end_with_a_reason(small_city: Home) -> None:
    given = {"programme": "minimum_living", "people": [1], "household_key": 901, "division_code": f"{VILLAGE}", "mode": "household",
             "since": NIGHT, "source": "天宁低保〔2024〕3号"}  # fmt: skip
    first = actions.grant_award(**given, by=CLERK)
    assert actions.grant_award(**given, by=CLERK)[0].pk == first[0].pk
    with pytest.raises(BenefitsError, match="没有待遇项目"):
        actions.grant_award(**{**given, "programme": "nothing"}, by=CLERK)
    with pytest.raises(BenefitsError, match="辖区"):
        actions.grant_award(**{**given, "division_code": "320412100201"}, by=DISTRICT)
    with pytest.raises(BenefitsError, match="早于"):
        actions.end_award(award=first[0], until=date(2024, 6, 1), because="不符合", by=CLERK)
    ended = actions.end_award(award=first[0], until=date(2024, 8, 1), because="收入超过标准，已听取意见", by=CLERK)
    assert ended.until == date(2024, 8, 1)
    with clock.use(NIGHT):
        actions.take_roster(as_of=NIGHT, by=room.NIGHT)
    assert Award.objects.get(person_key=1).ended_because.startswith("收入超过标准")


def test_an_award_that_was_ended_stops_without_another_hearing(small_city: Home, settings: Any) -> None:
    settings.SYNTHETIC = True
    with clock.use(NIGHT):
        room.take_awards(NIGHT, lambda _done, _total: None)
        actions.approve_run(run=actions.submit_run(run=actions.compute_run(month=Month.of("2024-05"), by=room.NIGHT), by=CLERK), by=APPROVER)
        for award in Award.objects.filter(household_key=902):
            actions.end_award(award=award, until=date(2024, 6, 1), because="主动退出", by=CLERK)
    with clock.use(date(2024, 7, 2)):
        run = actions.compute_run(month=Month.of("2024-06"), by=CLERK)
    stopped = run.changes.get(programme="minimum_living", unit_key=902)
    assert (stopped.kind, stopped.cause_kind) == ("stop", "award")
    assert "主动退出" in stopped.cause["text"]
    Award.objects.update(ended_because="")
    with clock.use(date(2024, 7, 2)):
        bare = actions.compute_run(month=Month.of("2024-06"), by=CLERK).changes.get(programme="minimum_living", unit_key=902)
    assert bare.cause["text"] == "认定已经终止：2024-06-01 起终止"
    assert run.changes.get(programme="minimum_living", unit_key=903).cause_kind == "death"
