"""要点督办: the whole plan at a glance, an item, places side by side, down to rows; what may be seen of it and by whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.indicators.models import (
    Evidence,
    MilestoneRecord,
    Plan,
    PlanVersion,
    Remark,
    ReportedFigure,
    SubTask,
    TargetSetting,
)
from tests.portals.staff.plan_world import PDF
from tests.portals.staff.world import COUNTY, TODAY, World

AsRole = Callable[[str], Client]
MEASURED = "alerts_visited"


@pytest.fixture
def item(world: World) -> str:
    """The address of the item with everything."""
    assert world.plan
    return f"/plan/items/{world.plan.item.number}/"


def test_all_items_stand_on_one_page_by_chapter(world: World, as_role: AsRole) -> None:
    page = as_role("bureau_leader").get("/plan/")
    cards = [card for chapter in page.context["chapters"] for card in chapter["cards"]]
    assert [card.card.number for card in cards] == list(range(1, 35)) and len(page.context["chapters"]) == 10
    assert sum(tab["count"] for tab in page.context["tabs"][1:]) == 34
    text = page.content.decode()
    assert "尚无数据来源" in text and "已过 <b>42%</b> 时间" in text, "154 of 366 days"
    for tab in page.context["tabs"]:
        assert as_role("bureau_leader").get(f"/plan/{tab['url']}").context["shown"] == tab["count"]


def test_filters_hold(world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    by_chapter = client.get("/plan/?chapter=3").context["chapters"]
    assert [card.card.number for card in by_chapter[0]["cards"]] == [8, 9, 10, 11]
    mine = client.get("/plan/?mine=1").context["chapters"]
    assert {card.card.office.code for chapter in mine for card in chapter["cards"]} == {"eldercare"}
    office = client.get("/plan/?office=eldercare").context["chapters"]
    assert office[0]["cards"][0].card.number == mine[0]["cards"][0].card.number
    assert client.get("/plan/?state=achieved&chapter=1").context["shown"] == 0
    assert client.get("/plan/?place=nowhere&on=soon").status_code == 200


def test_a_place_outside_is_refused_and_inside_is_shown(world: World, as_role: AsRole) -> None:
    assert as_role("district_official").get("/plan/?place=tianning").status_code == 403
    assert as_role("district_official").get(f"/plan/?place={COUNTY}").context["view"].place_title == "武进区"
    assert "天宁区" not in as_role("district_official").get("/plan/").content.decode()
    assert as_role("city_official").get("/plan/?place=jingkai").context["view"].place_title == "常州经开区"


def test_an_item_shows_its_words_and_who_typed_what(world: World, as_role: AsRole, item: str) -> None:
    assert world.plan
    text = as_role("bureau_leader").get(item).content.decode()
    assert (
        world.plan.item.text[:40].split("“")[0] in text
        and "请各区月底前报数" in text
        and "印发的方案" in text
    )
    assert "陈市办" in text and "is-typed" in text and "待确认" in text
    assert as_role("bureau_leader").get("/plan/items/99/").status_code == 404


def test_a_leader_sees_no_form_of_work(world: World, as_role: AsRole, item: str) -> None:
    text = as_role("bureau_leader").get(item).content.decode()
    assert "/do/" not in text and "确认完成" in text
    text = as_role("city_official").get(item).content.decode()
    assert "/do/record/" in text and "确认完成" not in text, "who recorded it does not confirm it"


def test_a_milestone_needs_its_evidence_and_another_person(world: World, as_role: AsRole, item: str) -> None:
    assert world.plan
    milestone = world.plan.item.milestones.all()[1]
    sent = {"about": milestone.pk, "done_on": "2024-06-01", "note": "已完成", "kind": "file", "title": "现场照片",
            "file": SimpleUploadedFile("a.pdf", PDF + b"1", "application/pdf")}  # fmt: skip
    assert as_role("city_official").post(f"{item}do/record/", sent).status_code == 302
    record = MilestoneRecord.objects.get(milestone=milestone)
    assert record.evidence.get().title == "现场照片"
    own = as_role("city_official").post(
        f"{item}decide/confirm/", {"about": record.pk, "version": record.version}
    )
    assert own.status_code == 403
    done = as_role("bureau_leader").post(
        f"{item}decide/confirm/", {"about": record.pk, "version": record.version}, follow=True
    )
    assert "已确认" in done.content.decode()
    record.refresh_from_db()
    assert (record.state, record.confirmed_by) == ("confirmed", "bureau_leader")


def test_what_is_wrong_stands_at_its_field_and_nothing_is_recorded(
    world: World, as_role: AsRole, item: str
) -> None:
    assert world.plan
    milestone = world.plan.item.milestones.all()[1]
    bad = {"about": milestone.pk, "done_on": "2024-06-30", "note": "", "kind": "link"}
    page = as_role("city_official").post(f"{item}do/record/", bad)
    text = page.content.decode()
    assert page.status_code == 422
    assert all(words in text for words in ("完成日期在今天之后", "请写明完成情况", "请填写编号或网址"))
    wrong = bad | {"done_on": "2024-06-01", "note": "好", "reference": "http://example.com"}
    page = as_role("city_official").post(f"{item}do/record/", wrong)
    assert page.status_code == 422 and "https://" in page.content.decode()
    assert MilestoneRecord.objects.filter(milestone=milestone).count() == 0, (
        "without its evidence the record is not kept either"
    )
    assert as_role("city_official").post(f"{item}do/dancing/", {}).status_code == 404


def test_a_return_says_why(world: World, as_role: AsRole, item: str) -> None:
    assert world.plan
    record = world.plan.record
    assert (
        as_role("bureau_leader")
        .post(f"{item}decide/return/", {"about": record.pk, "version": record.version})
        .status_code
        == 422
    )
    as_role("bureau_leader").post(
        f"{item}decide/return/", {"about": record.pk, "version": record.version, "because": "缺少文号"}
    )
    text = as_role("city_official").get(item).content.decode()
    assert "缺少文号" in text and "已退回" in text


def test_a_stale_confirmation_is_told(world: World, as_role: AsRole, item: str) -> None:
    assert world.plan
    answer = as_role("bureau_leader").post(
        f"{item}decide/confirm/", {"about": world.plan.record.pk, "version": 99}
    )
    assert answer.status_code == 422


def test_a_typed_figure_counts_when_another_confirmed_it_and_looks_typed(
    world: World, as_role: AsRole, item: str
) -> None:
    assert world.plan
    figure, client = world.plan.figure, as_role("bureau_leader")
    before = client.get(item).context["figures"]
    assert not any(each.typed for each in before)
    as_role("bureau_leader").post(
        f"{item}decide/confirm-figure/", {"about": figure.pk, "version": figure.version}
    )
    [typed] = [each for each in client.get(item).context["figures"] if each.typed]
    assert typed.target.numerator == 12 and typed.target.reported_by == "city_official"
    assert "typed-mark" in client.get("/plan/?chapter=3").content.decode()


def test_tasks_figures_and_words(world: World, as_role: AsRole, item: str) -> None:
    assert world.plan
    client = as_role("city_official")
    client.post(
        f"{item}do/task/",
        {"title": "汇总名单", "due_on": "2024-06-20", "owner": str(world.users["district_official"].pk)},
    )
    made = SubTask.objects.get(title="汇总名单")
    assert made.owner == world.users["district_official"]
    as_role("district_official").post(f"{item}do/finish/", {"about": made.pk})
    made.refresh_from_db()
    assert made.done_on == TODAY
    client.post(f"{item}do/reopen/", {"about": made.pk, "because": "名单不全"})
    made.refresh_from_db()
    assert made.done_on is None
    client.post(f"{item}do/remark/", {"text": "收到"})
    assert Remark.objects.filter(by="city_official", text="收到").exists()
    typed = {
        "about": world.plan.figure.target_id,
        "as_of": "2024-06-02",
        "place": "wujin",
        "numerator": "3",
        "note": "区局台账",
    }
    assert client.post(f"{item}do/report/", typed).status_code == 302
    assert ReportedFigure.objects.filter(place="wujin", numerator=3).exists()
    assert as_role("town_official").post(f"{item}do/remark/", {"text": "收到"}).status_code == 403


def test_evidence_comes_as_a_file_that_no_page_can_run(world: World, as_role: AsRole, item: str) -> None:
    assert world.plan
    answer = as_role("bureau_leader").get(f"{item}evidence/{world.plan.evidence.pk}/")
    assert (
        answer.content == PDF
        and "attachment" in answer["Content-Disposition"]
        and "sandbox" in answer["Content-Security-Policy"]
    )
    assert AuditEntry.objects.filter(verb="evidence.open").exists()
    assert (
        as_role("bureau_leader").get(f"/plan/items/1/evidence/{world.plan.evidence.pk}/").status_code == 404
    ), "of another item"
    town = as_role("town_official").get(f"{item}evidence/{world.plan.evidence.pk}/")
    assert town.status_code == 422 and "佐证由责任处室和确认人查看" in town.content.decode()
    assert f"{item}evidence/" not in as_role("town_official").get(item).content.decode()
    assert Evidence.objects.count() == 1


def test_two_geographies_side_by_side_add_up(world: World, as_role: AsRole) -> None:
    page = as_role("city_official").get(f"/plan/places/?figure={MEASURED}")
    by_county, by_board = page.context["tables"]
    assert (by_county["numerator"], by_county["denominator"]) == (
        by_board["numerator"],
        by_board["denominator"],
    )
    assert by_county["denominator"] == len(world.alerts) + 1
    assert len(by_county["rows"]) == 6 and len(by_board["rows"]) == 7
    assert [
        row.place.title
        for row in as_role("district_official").get("/plan/places/").context["tables"][0]["rows"]
    ][:1] != ["天宁街道"]
    assert as_role("city_official").get("/plan/places/?figure=dancing").status_code == 404


def test_down_to_rows_inside_the_readers_rights(world: World, as_role: AsRole) -> None:
    """All alerts of the year: the district's are those of its village, with a way to each and a trace of the opening."""
    address = f"/plan/figures/{MEASURED}/rows/?part=denominator"
    everything = as_role("city_official").get(address)
    assert everything.context["total"] == len(world.alerts) + 1
    district = as_role("district_official").get(address)
    subjects = {row.subject for row, _url in district.context["rows"]}
    assert subjects == {f"alert:{alert.pk}" for alert in world.alerts}
    assert all(url == f"/alerts/{row.subject.split(':')[1]}/" for row, url in district.context["rows"])
    text = district.content.decode()
    assert world.other_village.name not in text and world.alerts[0].person.name not in text, (
        "names are masked"
    )
    assert AuditEntry.objects.filter(
        verb="rows.open", actor="district_official", subject=f"indicator:{MEASURED}"
    ).exists()
    assert as_role("district_official").get(f"{address}&place=tianning").status_code == 403
    leader = as_role("bureau_leader").get(address)
    assert (
        leader.context["found"].rows is None
        and "只能看数字" in leader.content.decode()
        and "rows" not in leader.context
    )
    for query in ("part=dancing", "reading=dancing"):
        assert as_role("city_official").get(f"/plan/figures/{MEASURED}/rows/?{query}").status_code == 404
    assert as_role("city_official").get("/plan/figures/dancing/rows/").status_code == 404


def test_rows_leave_on_record_and_only_with_the_right(world: World, as_role: AsRole) -> None:
    address = f"/plan/figures/{MEASURED}/export/?part=denominator"
    answer = as_role("district_official").post(address)
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 2 + len(world.alerts) and "district_official" in lines[0]
    assert AuditEntry.objects.filter(verb="rows.export", actor="district_official").exists()
    assert as_role("bureau_leader").post(address).status_code == 403


def test_a_file_is_tried_before_it_is_taken(world: World, as_role: AsRole) -> None:
    assert world.plan
    text = world.plan.plan.versions.get().text
    client = as_role("plan_supervisor")
    same = client.post("/plan/manage/load/", {"file": SimpleUploadedFile("p.yaml", text.encode())})
    assert "和现在的要点一样" in same.content.decode()
    changed = text.replace("深学细悟党的创新理论。始终", "深学细悟党的创新理论！始终", 1)
    tried = client.post("/plan/manage/load/", {"file": SimpleUploadedFile("p2.yaml", changed.encode())})
    assert [each.subject for each in tried.context["preview"]["changes"]] == ["item:1"]
    assert PlanVersion.objects.count() == 1, "nothing was taken yet"
    assert AuditEntry.objects.filter(verb__startswith="plan.load", actor="plan_supervisor").count() == 0
    client.post("/plan/manage/load/", {"text": changed, "file_name": "p2.yaml", "sure": "1"})
    assert PlanVersion.objects.count() == 2
    wrong = client.post(
        "/plan/manage/load/",
        {"file": SimpleUploadedFile("p3.yaml", text.replace("number: 2\n", "number: x\n", 1).encode())},
    )
    assert wrong.status_code == 422 and "p3.yaml" in wrong.content.decode() and "行" in wrong.content.decode()
    assert (
        client.post(
            "/plan/manage/load/", {"file": SimpleUploadedFile("p.yaml", "低保".encode("gb18030"))}
        ).status_code
        == 422
    )


def test_a_reading_is_chosen_with_a_reason(world: World, as_role: AsRole) -> None:
    client = as_role("plan_supervisor")
    target, _chosen = client.get("/plan/manage/").context["readings"][0]
    other = target.definitions[1]["name"]
    assert (
        client.post(
            "/plan/manage/reading/", {"target": target.code, "reading": other, "valid_from": "2024-06-01"}
        ).status_code
        == 422
    )
    client.post(
        "/plan/manage/reading/",
        {"target": target.code, "reading": other, "valid_from": "2024-06-01", "reason": "局长办公会议定"},
    )
    assert TargetSetting.objects.get(target=target).reading == other
    assert "局长办公会议定" in client.get(f"/plan/items/{target.item.number}/").content.decode()


def test_members_of_offices(world: World, as_role: AsRole) -> None:
    assert world.plan
    client, office = as_role("plan_supervisor"), world.plan.item.office
    client.post("/plan/manage/member/", {"office": office.pk, "user": "plan_supervisor"})
    assert office.members.filter(user=world.users["plan_supervisor"]).exists()
    client.post("/plan/manage/member/", {"office": office.pk, "user": "plan_supervisor", "do": "remove"})
    assert not office.members.filter(user=world.users["plan_supervisor"]).exists()
    assert client.post("/plan/manage/member/", {"office": office.pk, "user": "nobody"}).status_code == 422
    assert (
        client.post("/plan/manage/member/", {"office": office.pk, "user": "grid_worker"}).status_code == 422
    )


def test_the_wall_counts_and_names_nobody(world: World, as_role: AsRole) -> None:
    page = as_role("bureau_leader").get("/plan/wall/")
    text = page.content.decode()
    assert sum(count for _chip, count in page.context["states"]) == 34
    assert dict(page.context["pulse"])["新预警"] == 0 and "hx-trigger" in text
    assert not any(user.full_name in text for user in world.users.values())
    part = as_role("bureau_leader").get("/plan/wall/figures/").content.decode()
    assert "<html" not in part and "wall-states" in part


def test_without_a_plan_the_pages_say_so(world: World, as_role: AsRole) -> None:
    world.plan = None
    Plan.objects.update(first=date(2023, 1, 1), last=date(2023, 12, 31))
    for address in ("/plan/", "/plan/places/", "/plan/wall/", "/plan/manage/"):
        assert as_role("plan_supervisor").get(address).status_code == 200
    assert "还没有工作要点" in as_role("bureau_leader").get("/plan/").content.decode()


def test_the_desk_says_what_waits(world: World, as_role: AsRole, item: str) -> None:
    assert world.plan
    leader = as_role("bureau_leader").get("/")
    assert [line.todo for line in leader.context["plan_lines"]] == ["确认节点", "确认填报数"]
    assert leader.context["plan_lines"][0].url == f"{item}#milestone-{world.plan.record.milestone_id}"
    own = as_role("city_official").get("/")
    assert "plan_lines" in own.context and not any(line.todo == "确认节点" for line in own.context["plan_lines"]), "not one's own"
    assert [line.todo for line in as_role("plan_supervisor").get("/").context["plan_lines"]].count("子任务") == 1
    assert "plan_lines" not in as_role("auditor").get("/").context


def test_a_notification_of_the_plan_leads_to_its_item(world: World, as_role: AsRole, item: str) -> None:
    note = world.users["plan_supervisor"].notifications.get(kind="plan_task")
    assert as_role("plan_supervisor").post(f"/notifications/{note.pk}/")["Location"] == item
