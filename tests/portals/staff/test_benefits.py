"""待遇发放: from the reckoning to the payment by two people, why an amount is what it is, and what people decide about it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from minzheng.kernel.benefits.actions import approving
from minzheng.kernel.benefits.exclusions import matrix
from minzheng.kernel.benefits.models import (
    Entitlement,
    MonthLock,
    Override,
    Recovery,
    Review,
    Run,
    RunChange,
    RunTotal,
)
from minzheng.kernel.foundation import typesetting
from minzheng.kernel.foundation.jobs.actions import do_now
from minzheng.kernel.foundation.models import AuditEntry, Job, Notification
from minzheng.kernel.foundation.notifications.actions import Notice, notify
from minzheng.kernel.ledger.models import PaymentBatch
from minzheng.portals.staff.views.benefits import run as run_views
from minzheng.portals.staff.views.benefits import why
from tests.portals.staff.benefits_world import forget
from tests.portals.staff.money import freeze
from tests.portals.staff.world import TODAY, World

AsRole = Callable[[str], Client]
STRANGER = 987654321


@pytest.fixture
def month(world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> Run:
    """May reckoned by the clerk: the head of the first family is eighty-four, so is somebody whom nobody knows."""
    forget()
    home, village = world.households[0], int(world.village.code)
    freeze([
        {"person_key": 1, "household_key": home.household_key, "village": village, "birth": 19400101},
        {"person_key": 2, "household_key": home.household_key, "village": village, "birth": 19741102, "rank": 1},
        {"person_key": STRANGER, "household_key": 5_000, "village": int(world.other_village.code), "birth": 19330101},
    ], monkeypatch)  # fmt: skip
    answer = as_role("benefits_clerk").post("/benefits/runs/compute/", {"month": "2024-05", "kind": "regular"})
    assert answer.status_code == 302
    job = Job.objects.get(kind="benefit_run")
    assert "排队中" in as_role("benefits_clerk").get(answer["Location"]).content.decode()
    assert do_now(job).state == Job.State.DONE, job.message
    assert as_role("benefits_clerk").get(answer["Location"])["Location"] == f"/benefits/runs/{Run.objects.get().pk}/?job={job.pk}"
    return Run.objects.get()


def test_one_submits_another_approves_and_the_money_is_handed_over(
    month: Run, world: World, as_role: AsRole, settings: Any
) -> None:
    settings.SYNTHETIC = True  # or unverified figures would stop it
    address = f"/benefits/runs/{month.pk}/"
    clerk, approver = as_role("benefits_clerk"), as_role("benefits_approver")
    page = clerk.get(address)
    moves = {row["kind"]: row for row in page.context["moves"]}
    assert (moves["start"]["count"], moves["stop"]["count"]) == (2, 0) and moves["start"]["causes"][0]["label"] == "首次核算"
    assert page.context["sum"]["fen"] == moves["start"]["fen"] > 0
    assert "未核实" in page.content.decode() and month.snapshot.sha256 in page.content.decode()
    assert approver.post(f"{address}decide/", {"answer": "approve"}).status_code == 422, "not submitted yet"
    assert clerk.post(f"{address}submit/", {"version": page.context["run"].version}).status_code == 302
    assert Notification.objects.get(user=world.users["benefits_approver"]).subject == f"run:{month.pk}", "the second person is told"
    assert clerk.post(f"{address}decide/", {"answer": "approve"}).status_code == 403
    stale = approver.post(f"{address}decide/", {"answer": "approve", "version": page.context["run"].version})
    assert stale.status_code == 422 and "已有变化" in stale.content.decode()
    assert "理由" in approver.post(f"{address}decide/", {"answer": "reject", "note": ""}).content.decode()
    approved = approver.post(f"{address}decide/", {"answer": "approve", "note": "已核对"})
    assert approved.status_code == 302, approved.context["problem"]
    assert MonthLock.objects.filter(month="2024-05").exists() and Entitlement.objects.count() == 2
    named = approver.get(address).content.decode()
    assert all(world.users[login].full_name in named and f">{login}<" not in named for login in ("benefits_clerk", "benefits_approver"))
    done = approver.get(address)
    assert [row["batch"].programme for row in done.context["payments"]] == ["longevity_allowance"]
    assert "没有收款人姓名" in done.content.decode(), "nobody knows the stranger"
    assert len(approver.get(f"{address}exceptions/").context["rows"]) == 1
    assert not as_role("town_official").get(f"{address}exceptions/").context["rows"], "the stranger lives elsewhere"
    page = approver.get(f"/households/{world.households[0].pk}/benefits/?run=99999999999999999999")
    paid = page.context["found"]
    assert paid.run.pk == month.pk and "没有审批生效" not in page.content.decode()
    assert [(title, name, line.state) for line, title, name in paid.paid] == [("尊老金", "王*兰", "planned")]
    assert [row["kind"][0] for row in paid.history] == ["新增"] and paid.year_fen == 0


def test_an_approval_killed_in_the_middle_is_completed_by_the_next_attempt(
    month: Run, world: World, as_role: AsRole, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SYNTHETIC = True
    monkeypatch.setattr(run_views, "AT_ONCE", 0)
    address, approver = f"/benefits/runs/{month.pk}/", as_role("benefits_approver")
    as_role("benefits_clerk").post(f"{address}submit/")
    asked = approver.post(f"{address}decide/", {"answer": "approve", "note": "已核对"})
    job = Job.objects.get(kind="benefit_approval")
    assert asked["Location"] == f"/benefits/runs/jobs/{job.pk}/" and "排队中" in approver.get(asked["Location"]).content.decode()
    assert "正在审批生效" in approver.get(address).content.decode()
    again = approver.post(f"{address}decide/", {"answer": "approve"})
    assert again.status_code == 422 and "请等它完成" in again.content.decode() and Job.objects.filter(kind="benefit_approval").count() == 1

    def killed(*_anything: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(approving, "_hand_over", killed)
        do_now(job)
    job.refresh_from_db()
    assert (job.state, job.message) == ("running", approving.PHASES[1]) and not Entitlement.objects.exists() and not MonthLock.objects.exists()
    assert "中断后" not in approver.get(asked["Location"]).content.decode()
    done = do_now(job)
    assert (done.state, done.attempts) == ("done", 2), done.message
    assert Entitlement.objects.count() == 2 and PaymentBatch.objects.filter(key__startswith="benefits:").count() == 1 and MonthLock.objects.count() == 1
    page = approver.get(asked["Location"], follow=True)
    assert page.redirect_chain[-1][0] == f"{address}?job={job.pk}" and "待遇按此生效" in page.content.decode()
    assert "待遇按此生效" in approver.get(f"{address}?job={job.pk}").content.decode(), "not swallowed by whoever watched first"
    assert "待遇按此生效" not in as_role("benefits_clerk").get(f"{address}?job={job.pk}").content.decode()


def test_nobody_approves_what_they_submitted(world: World, as_role: AsRole) -> None:
    assert world.benefits
    Run.objects.filter(pk=world.benefits.run.pk).update(state="submitted", submitted_by="benefits_approver")
    address = f"/benefits/runs/{world.benefits.run.pk}/"
    page = as_role("benefits_approver").get(address)
    assert not page.context["may_decide"] and "要由另一位有审批权限的人审批" in page.content.decode()
    refused = as_role("benefits_approver").post(f"{address}decide/", {"answer": "approve"})
    assert refused.status_code == 422 and "由不同的人办理" in refused.content.decode()


def test_unverified_figures_stop_a_real_run(world: World, as_role: AsRole, settings: Any) -> None:
    assert world.benefits
    settings.SYNTHETIC = False
    Run.objects.filter(pk=world.benefits.run.pk).update(state="submitted", submitted_by="benefits_clerk")
    address = f"/benefits/runs/{world.benefits.run.pk}/"
    assert "核实以前不能审批发放" in as_role("benefits_approver").get(address).content.decode()
    refused = as_role("benefits_approver").post(f"{address}decide/", {"answer": "approve"})
    assert refused.status_code == 422 and "未经核定" in refused.content.decode()


def test_places_and_people_stay_inside_the_jurisdiction_with_names_masked(month: Run, world: World, as_role: AsRole) -> None:
    address = f"/benefits/runs/{month.pk}/"
    city = as_role("city_official")
    boards = {row["place"]: row["units"] for row in city.get(address).context["places"].rows}
    assert boards == {"tianning": 1, "wujin": 1}
    counties = {row["place"]: row["units"] for row in city.get(f"{address}?cut=county").context["places"].rows}
    assert counties == {"320402000000": 1, "320412000000": 1}
    towns = city.get(f"{address}places/?division=wujin").context["places"]
    assert [row["place"] for row in towns.rows] == ["320412100000"] and not towns.people
    villages = city.get(f"{address}places/?division=320412100000").context["places"]
    assert [row["place"] for row in villages.rows] == [world.village.code] and villages.people
    assert city.get(f"{address}places/?division=atlantis").status_code == 422
    lines = city.get(f"{address}lines/").content.decode()
    assert "王*兰" in lines and "王秀兰" not in lines and "未建档" in lines
    assert f"/households/{world.households[0].pk}/benefits/?run={month.pk}" in lines
    own = as_role("town_official").get(f"{address}lines/")
    assert [row["change"].person_key for row, _subject in own.context["rows"]] == [1] and "未建档" not in own.content.decode()
    assert own.context["tabs"][0] == ("", "全部", 1)
    assert city.get(f"{address}lines/?cause=first:&kind=start").context["cause"] == "首次核算"
    assert not city.get(f"{address}lines/?kind=stop").context["rows"]


def test_custody_is_not_told_in_lists(world: World, as_role: AsRole) -> None:
    assert world.benefits
    text = {"kind": "exclusion", "name": "in_custody/longevity_allowance", "label": "互斥规则", "text": "服刑或强制隔离戒毒与尊老金：期间暂停"}
    RunChange.objects.filter(run=world.benefits.run).update(
        kind="hold", cause=text, cause_kind="exclusion", cause_name=text["name"], exclusion=text["name"]
    )
    for page in ("", "lines/"):
        html = as_role("city_official").get(f"/benefits/runs/{world.benefits.run.pk}/{page}").content.decode()
        assert "保密" in html and "服刑" not in re.sub(r"(?s)<section[^>]*id=\"unverified\".*?</section>", "", html)


def test_why_an_amount_is_what_it_is_on_screen_and_paper(
    month: Run, world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, home = as_role("town_official"), world.households[0]
    address = f"/households/{home.pk}/benefits/"
    page = client.get(address)
    html, found = page.content.decode(), page.context["found"]
    assert [(card.title, card.who, card.state) for card in found.given] == [("尊老金", "王*兰", "paid")]
    card = found.given[0]
    assert found.sum_fen == card.why.amount_fen == RunChange.objects.get(run=month, person_key=1).is_fen
    assert [step.line.name for step in card.main] == ["age", "amount"] and card.main[0].line.text == "84 周岁"
    values = [value for step in card.main for value in (*step.figures, *step.tables)]
    assert values and all(value.dated.source != "政策模拟" for value in values), "a run's values keep their sources"
    assert card.clauses and all(clause.quote in html for clause in card.clauses) and "未核实" in html and "王秀兰" not in html
    assert "没有审批生效" in html, "a draft is no promise"
    refused = {(title, who): [line.label for line in failed] for title, who, failed in found.refused}
    assert any(title == "尊老金" and "达到尊老金起发年龄" in failed for (title, _who), failed in refused.items()), "the son is fifty"
    assert AuditEntry.objects.filter(verb="benefits.open", actor="town_official", subject=f"household:{home.pk}").exists()
    assert f'href="{address}"' in client.get(f"/households/{home.pk}/").content.decode()
    papers: list[dict[str, Any]] = []

    def typeset(template: Path, data: dict[str, Any]) -> bytes:
        papers.append(data)
        return typesetting.typeset(template, data)

    monkeypatch.setattr(why, "typeset", typeset)
    paper = client.get(f"{address}paper/?run={month.pk}")
    assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF") and paper["Cache-Control"] == "no-store"
    said = json.dumps(papers, ensure_ascii=False)
    assert "王*兰" in said and "王秀兰" not in said and "达到尊老金起发年龄" in said
    assert AuditEntry.objects.filter(verb="benefits.print", subject=f"household:{home.pk}").exists()
    assert "没有核算结果" in as_role("town_official").get(f"/households/{world.households[1].pk}/benefits/").content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [({"month": "2024-06"}, "还没有结束"), ({"month": "2024-13"}, "月份请写成"), ({"month": ""}, "请选择月份"), ({"kind": "x"}, "1 处需要改")],
)
def test_what_cannot_be_reckoned_is_said(sent: dict[str, str], said: str, world: World, as_role: AsRole) -> None:
    page = as_role("benefits_clerk").post("/benefits/runs/compute/", {"month": "2024-05", "kind": "regular", **sent})
    assert page.status_code == 422 and said in page.content.decode()
    assert not Job.objects.filter(kind="benefit_run").exists()


def test_a_correction_of_a_month_without_a_run_fails_with_the_reason(world: World, as_role: AsRole) -> None:
    client = as_role("benefits_clerk")
    asked = client.post("/benefits/runs/compute/", {"month": "2024-04", "kind": "correction"})
    assert do_now(Job.objects.get(kind="benefit_run")).state == Job.State.FAILED
    assert "不用更正" in client.get(asked["Location"]).content.decode()
    assert not Run.objects.filter(kind="correction").exists()


def test_a_correction_tells_backpay_and_claims(world: World, as_role: AsRole) -> None:
    assert world.benefits
    run = world.benefits.run
    Run.objects.filter(pk=run.pk).update(kind="correction")
    RunChange.objects.filter(run=run).update(kind="recovery", month="2024-04", was_fen=5_000, is_fen=0)
    RunTotal.objects.filter(run=run).update(recovery_fen=5_000, review=0)
    page = as_role("city_official").get(f"/benefits/runs/{run.pk}/")
    assert [(row["kind"], row["count"], row["fen"]) for row in page.context["moves"]] == [("backpay", 0, 0), ("recovery", 2, 10_000)]
    assert page.context["by_programme"][0]["late"] == [("backpay", 0, 0), ("recovery", 2, 10_000)]
    assert [row["recovery_fen"] for row in page.context["places"].rows] == [5_000, 5_000]
    own = as_role("town_official").get(f"/benefits/runs/{run.pk}/")
    assert own.context["sum"]["recovery_fen"] == 5_000 and "新增" not in own.content.decode()


def test_the_night_s_draft_is_one_click_from_the_bell(world: World, as_role: AsRole) -> None:
    assert world.benefits
    run, user = world.benefits.run, world.users["benefits_clerk"]
    notify(notices=[Notice(user.pk, "benefit_run", "2024-05 的待遇发放草稿已核算好", "请核对", f"run:{run.pk}")], on=TODAY)
    found = Notification.objects.get(user=user)
    assert as_role("benefits_clerk").post(f"/notifications/{found.pk}/").headers.get("Location") == f"/benefits/runs/{run.pk}/"


def test_a_review_is_heard_first_and_decided_with_reasons(world: World, as_role: AsRole) -> None:
    assert world.benefits
    review, client = world.benefits.reviews[0], as_role("district_official")
    address = f"/benefits/reviews/{review.pk}/"
    rows = client.get("/benefits/reviews/").context["rows"]
    assert [row["review"].pk for row, _subject in rows] == [review.pk], "the other one lies elsewhere"
    assert "工资由 ¥0.00 变为 ¥1,200.00" in client.get(address).content.decode()
    assert AuditEntry.objects.filter(verb="review.open", subject=f"review:{review.pk}").exists()
    early = client.post(f"{address}decide/", {"decision": "keep", "reasons": "收入只是一次性的"})
    assert early.status_code == 422 and "听取当事人意见" in early.content.decode()
    assert client.post(f"{address}hear/", {"heard_on": "2024-06-03", "statement": ""}).status_code == 422
    assert client.post(f"{address}hear/", {"heard_on": "2024-06-03", "statement": "厂里只干了一个月", "version": 1}).status_code == 302
    assert "厂里只干了一个月" in client.get(address).content.decode()
    assert client.post(f"{address}decide/", {"decision": "gradual", "reasons": "刚就业，渐退"}).status_code == 422, "nothing ends"
    assert client.post(f"{address}decide/", {"decision": "keep", "reasons": "刚就业，不稳定", "until": "2024-12"}).status_code == 302
    assert Review.objects.get(pk=review.pk).decision == "keep"
    shown = client.get(f"/households/{world.households[0].pk}/benefits/").content.decode()
    assert "固定金额 ¥1,860.00" in shown and "刚就业，不稳定" in shown and "账户有误" not in shown, "it stands instead of the pause"
    assert as_role("town_official").post(f"{address}hear/", {}).status_code == 403


def test_a_claim_is_decided_once_with_reasons(world: World, as_role: AsRole) -> None:
    assert world.benefits
    recovery, client = world.benefits.recoveries[0], as_role("benefits_clerk")
    address = f"/benefits/recoveries/{recovery.pk}/decide/"
    assert client.post(address, {"answer": "claim", "reasons": "多"}).status_code == 422
    assert client.post(address, {"answer": "waive", "reasons": "金额小，家庭困难"}).status_code == 302
    assert Recovery.objects.get(pk=recovery.pk).state == "waived"
    other = world.benefits.recoveries[-1]
    assert client.post(f"/benefits/recoveries/{other.pk}/decide/", {"answer": "claim", "reasons": "应当追回"}).status_code == 302
    assert "还有 <span class=\"num\">¥50.00</span> 没有立账" in client.get(f"/benefits/recoveries/{other.pk}/").content.decode()
    assert "没有可以立账的" in client.post(f"/benefits/recoveries/{other.pk}/book/", follow=True).content.decode()
    again = client.post(address, {"answer": "claim", "reasons": "应当追回"})
    assert again.status_code == 422 and "已由 benefits_clerk 处理" in again.content.decode()
    assert len(client.get("/benefits/recoveries/?state=waived").context["rows"]) == 1


def test_a_pause_is_lifted_and_an_amount_fixed(world: World, as_role: AsRole) -> None:
    assert world.benefits
    pause, client, home = world.benefits.overrides[0], as_role("benefits_clerk"), world.households[0]
    assert "账户有误，核实中" in client.get(f"/households/{home.pk}/benefits/").content.decode()
    adding = f"/households/{home.pk}/benefits/override/"
    entitlement = Entitlement.objects.get(household_key=home.household_key)
    form = {"entitlement": entitlement.pk, "kind": "fix", "amount": "860.5", "reason": "法院裁定按此发放"}
    assert "请先解除" in client.post(adding, form).content.decode()
    lifting = f"/benefits/overrides/{pause.pk}/"
    assert client.post(lifting, {"because": ""}).status_code == 422
    assert client.post(lifting, {"because": "账户已更正"}).status_code == 302
    for wrong, said in (({"amount": ""}, "请填写固定的金额"), ({"amount": "1.234"}, "最多到分"), ({"valid_to": "2024-05"}, "应晚于")):
        refused = client.post(adding, {**form, **wrong})
        assert refused.status_code == 422 and said in refused.content.decode()
    assert client.post(adding, form).status_code == 302
    made = Override.objects.get(lifted_on=None, household_key=home.household_key)
    assert (made.kind, made.amount_fen) == ("fix", 86_050)
    assert "固定金额 ¥860.50" in client.get(f"/households/{home.pk}/benefits/").content.decode()
    assert len(client.get("/benefits/overrides/?state=lifted").context["rows"]) == 1


def test_the_matrix_is_one_table_with_sources_and_marks(world: World, as_role: AsRole) -> None:
    page = as_role("town_official").get("/benefits/exclusions/")
    html, rows = page.content.decode(), matrix().rows
    assert len(page.context["rows"]) == len(rows) and all(row.source in html for row in rows)
    assert page.context["unverified"] == html.count("unverified-mark") == sum(row.status == "unverified" for row in rows) > 0
    only = as_role("town_official").get("/benefits/exclusions/?of=orphan_living").context["rows"]
    assert 0 < len(only) < len(rows) and all("孤儿基本生活费" in (each["a"], each["b"]) for each in only)


def test_the_household_of_an_alert_is_reckoned_beside_it(month: Run, world: World, as_role: AsRole) -> None:
    alert, official = world.alerts[0], as_role("district_official")
    assert f"/alerts/{alert.pk}/trial/" in official.get(f"/alerts/{alert.pk}/").content.decode()
    answer = official.get(f"/alerts/{alert.pk}/trial/")
    shown = answer.content.decode()
    assert [(row["why"].programme.title, row["new"]) for row in answer.context["due"]] == [("尊老金", True)]
    assert "<html" not in shown and "2024-05 的快照试算" in shown and "标准未核实" in shown and "王秀兰" not in shown
    assert AuditEntry.objects.filter(verb="benefits.open", actor="district_official").exists()
    worker = as_role("grid_worker")
    assert "您的角色不看待遇" in worker.get(f"/alerts/{alert.pk}/trial/").content.decode()
    assert "试算" not in worker.get(f"/alerts/{alert.pk}/").content.decode()
    forget()
    assert "还没有核算过任何月份" in official.get(f"/alerts/{alert.pk}/trial/").content.decode()


def test_a_row_of_the_matrix_is_confirmed_by_two(world: World, as_role: AsRole) -> None:
    clerk, approver = as_role("benefits_clerk"), as_role("benefits_approver")
    name, address = "minimum_living/longevity_allowance", "/benefits/exclusions/row/"
    before = clerk.get("/benefits/exclusions/").context["unverified"]
    assert "还没有人核实过" in clerk.get(address, {"row": name}).content.decode()
    assert clerk.get(address, {"row": "a/b"}).status_code == 302
    assert "写明依据" in clerk.post(f"{address}propose/", {"row": name, "source": ""}).content.decode()
    assert clerk.post(f"{address}propose/", {"row": name, "source": "常民发〔2024〕5号 第二条"}).status_code == 302
    assert "等待确认" in clerk.get("/benefits/exclusions/").content.decode() and "您提出的核实" in clerk.get(address, {"row": name}).content.decode()
    assert clerk.post(f"{address}decide/", {"row": name, "answer": "confirm"}).status_code == 403
    assert "确认属实" in approver.get(address, {"row": name}).content.decode()
    assert approver.post(f"{address}decide/", {"row": name, "answer": "confirm"}).status_code == 302
    html = approver.get(address, {"row": name}).content.decode()
    assert "已核实" in html and "常民发〔2024〕5号 第二条" in html
    assert clerk.get("/benefits/exclusions/").context["unverified"] == before - 1
