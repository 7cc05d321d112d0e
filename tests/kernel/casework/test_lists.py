"""Lists, what waits for whom, drafts, alerts that become cases, the night's steps, re-checks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from minzheng.kernel.casework import actions, queries, room
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Case, CaseAction, Draft
from minzheng.kernel.casework.people import Citizen
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.registry.models import Fact
from tests.kernel.casework.conftest import TODAY, VILLAGE, Town, living, ready_to_propose, submitted, token

NIGHT = Actor.system("夜间批处理")


def test_what_waits_for_whom(town: Town) -> None:
    case = submitted(town)
    assert [each.pk for each in queries.todo(town.by("town"), TODAY)] == [case.pk]
    assert not queries.todo(town.by("county"), TODAY).exists() and not queries.todo(town.by("worker"), TODAY).exists()
    assert {"accept", "return", "decline"} <= queries.verbs(case, town.by("town"))
    assert queries.verbs(case, town.citizen) == {"attach", "authorise", "revoke", "withdraw"}
    actions.assign_case(case=case, to=town.second_town, by=town.by("town"))
    assert not queries.todo(town.by("town"), TODAY).exists() and queries.todo(town.by("second_town"), TODAY).exists()
    with pytest.raises(CaseError, match="不能承接"):
        actions.assign_case(case=case, to=town.outside, by=town.by("town"))
    figures = queries.counts(town.by("county"), date(2024, 6, 7))
    assert (figures["total"], figures["open"], figures["overdue"], figures["submitted"]) == (1, 1, 1, 1)
    assert queries.cases(town.by("county"), overdue_on=date(2024, 6, 7), division=VILLAGE[:6], item="minimum_living", state="open").count() == 1
    assert not queries.cases(town.by("county"), overdue_on=date(2024, 6, 6)).exists()
    with pytest.raises(Forbidden):
        queries.cases(Actor("x", "auditor", frozenset({"audit.view"}), ()))


def test_the_citizen_hears_what_the_office_did_and_not_what_it_thinks(town: Town) -> None:
    case = ready_to_propose(town)
    titles = [message.title for message in queries.messages(town.citizen)]
    assert titles[0] == "最低生活保障：入户调查" and "最低生活保障：受理" in titles
    seen = str([entry.content for entry in queries.history(case, town.citizen)])
    assert "陈设简单" not in seen and town.mother.name in seen
    assert "陈设简单" in str([entry.content for entry in queries.history(case, town.by("town"))])
    daughter = Citizen.signed_in(town.stranger.person_key, acts_for=[town.mother.person_key])
    assert queries.cases(daughter).count() == 1


def test_drafts_survive_and_are_nobody_elses(town: Town) -> None:
    for answers in ({"name": "张"}, {"name": "张小兰", "phone": "139"}):
        actions.save_draft(token="d1", item="minimum_living", person=town.mother, answers=answers, by=town.citizen)
    (draft,) = queries.drafts(town.citizen)
    assert queries.draft_answers(draft) == {"name": "张小兰", "phone": "139"} and draft.saved_count == 2
    with pytest.raises(CaseError):
        actions.save_draft(token="d1", item="minimum_living", person=town.stranger, answers={}, by=town.other_citizen)
    actions.discard_draft(token="d1", by=town.other_citizen)
    assert Draft.objects.count() == 1 and not queries.drafts(town.other_citizen).exists()
    with pytest.raises(CaseError, match="太长"):
        actions.save_draft(token="d2", item="minimum_living", person=town.mother, answers={"name": "长" * 100_000}, by=town.citizen)
    day = TODAY + timedelta(days=31)
    with clock.use(day):
        assert actions.sweep_drafts(as_of=day, by=NIGHT) == 1 and not Draft.objects.exists()


def test_nobody_begins_cases_without_end(town: Town) -> None:
    for _ in range(5):
        case = actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=token())
        actions.withdraw_case(case=case, by=town.citizen)
    with pytest.raises(CaseError, match="最多 5 件"):
        actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=token())


def test_an_alert_becomes_a_case_with_everything_known(town: Town) -> None:
    alert = Alert.objects.create(
        scenario="unemployment", person=town.father, division_code=VILLAGE, severity="high", raised_on=TODAY, event_date=TODAY, due_on=TODAY
    )
    with pytest.raises(CaseError, match="辖区"):
        actions.open_from_alert(alert=alert, item="minimum_living", by=town.by("outside"), form_token=token())
    case = actions.open_from_alert(alert=alert, item="minimum_living", by=town.by("worker"), form_token=token())
    known = queries.answers(case, town.by("town"))
    assert (case.channel, case.applied_by, case.alert_id) == ("alert", "ex_officio", alert.pk)
    assert known["id_number"] == town.father.id_number and [each["relation"] for each in known["members"]] == ["head", "spouse", "child"]


def test_for_a_child_of_an_alert_an_adult_of_the_household_applies(town: Town) -> None:
    alert = Alert.objects.create(
        scenario="large_medical_spending", person=town.child, division_code=VILLAGE, severity="high", raised_on=TODAY, event_date=TODAY, due_on=TODAY
    )
    by = town.by("town")
    case = actions.open_from_alert(alert=alert, item="temporary_assistance", by=by, form_token=token(), division_code=VILLAGE)
    assert case.applicant == town.mother, "money does not go to a child of eight"
    own = actions.open_from_alert(alert=alert, item="single_person_living", by=by, form_token=token())
    assert own.applicant == town.child, "单人保 is about the person alone"


def test_rechecks_are_called_to_mind_once_and_followed_up(town: Town) -> None:
    case = ready_to_propose(town)
    actions.propose(case=case, by=town.by("town"), kind="grant", opinion="同意", class_="C")
    actions.publish(case=case, by=town.by("town"))
    with clock.use(TODAY + timedelta(days=8)):
        assert room.take_down(clock.business_date(), lambda _done, _total: None).rows_out == 1
        actions.decide(case=case, by=town.by("county"), kind="grant", class_="C")
    due = date(2024, 9, 11)
    assert not queries.rechecks_due(town.by("town"), date(2024, 8, 11)).exists()
    for day in (date(2024, 8, 12), date(2024, 8, 12), due):
        with clock.use(day):
            for step in (room.lapse, room.take_down, room.climb, room.remind):
                step(day, lambda _done, _total: None)
    assert CaseAction.objects.filter(verb="remind").count() == 1
    assert queries.rechecks_due(town.by("town"), due).count() == 1
    with clock.use(due):
        case.refresh_from_db()
        actions.open_case(
            item="recheck", applicant=town.mother, by=town.by("town"), form_token=token(), applied_by="ex_officio", channel=Case.Channel.REVIEW, follows=case
        )
    assert not queries.rechecks_due(town.by("town"), due).exists()


def test_a_household_from_elsewhere_gets_a_file_and_a_plan(town: Town) -> None:
    by = town.by("town")
    case = actions.open_case(item="nonlocal_household", applicant=town.stranger, by=by, form_token=token(), applied_by="ex_officio", division_code=VILLAGE)
    answers = {"name": town.stranger.name, "phone": "13900001234", "living_at": "兰陵街道出租屋", "since": "2023-03-01", "hardship": "illness"}
    actions.submit_case(case=case, answers={**queries.answers(case, by), **answers}, by=by)
    actions.accept_case(case=case, by=by)
    actions.record_visit(case=case, by=town.by("worker"), visited_on=TODAY, met="本人", findings="一家三口租住", form_token=token())
    with pytest.raises(CaseError, match="今天或以后"):
        actions.record_plan(case=case, by=by, measures=[{"title": "看病", "owner": "社区", "due_on": date(2024, 1, 1)}], summary="帮助就医就学")
    actions.record_plan(case=case, by=by, measures=[{"title": "协助办理异地就医", "owner": "社区", "due_on": date(2024, 7, 1)}], summary="帮助就医就学")
    actions.decide(case=case, by=by, kind="record")
    actions.measure_done(case=case, by=by, number=1, result="已办好")
    assert queries.standing(case, by).measures[0].done_on == TODAY
    assert Fact.objects.get(kind="nonlocal_household_file").person == town.stranger


def test_pilot_districts(town: Town) -> None:
    answers = living(town)
    assert answers and actions.open_case(item="medical_charity", applicant=town.mother, by=town.citizen, form_token=token()).division_code == VILLAGE
    town.stranger.division_code = "320412100201"
    town.stranger.save()
    home = town.stranger.memberships.get().household
    home.division_code = "320412100201"
    home.save()
    with pytest.raises(CaseError, match="试点"):
        actions.open_case(item="medical_charity", applicant=town.stranger, by=town.other_citizen, form_token=token())


def test_a_case_goes_to_whoever_its_step_belongs_to_in_its_place(town: Town) -> None:
    case = submitted(town)
    found = queries.assignees(case, town.by("county"))
    assert {user.username for user in found} == {"worker", "town", "second_town", "county", "second_county", "city"}, "nobody of another place"
    assert [user.role for user in found[:2]] == ["town_official"] * 2, "it waits to be accepted"
    actions.assign_case(case=case, to=town.town, by=town.by("town"))
    assert [user.username for user in queries.assignees(case, town.by("county"))[:2]] == ["second_town", "town"], "the less burdened first"
    assert queries.assignees(case, town.by("outside")) == []
