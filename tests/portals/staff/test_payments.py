"""支付: from a list to what arrived, as two officials do it on the pages; what others see of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import AuditEntry, Job
from minzheng.kernel.ledger import actions, storage
from minzheng.kernel.ledger.actions.sending import reference_of
from minzheng.kernel.ledger.channels.bank import BankFile
from minzheng.kernel.ledger.channels.channel import SUCCESS, Answer, Reply
from minzheng.kernel.ledger.checks import faults_of_the_books
from minzheng.kernel.ledger.models import MonthClose, PaymentBatch, PaymentLine, ReturnFile, Transfer
from minzheng.portals.staff import payment_jobs
from tests.portals.staff.world import TODAY, World

AsRole = Callable[[str], Client]
HERE = "/benefits/payments/"


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.use(TODAY):
        yield


@pytest.fixture
def batch(world: World) -> PaymentBatch:
    """Four payments in the village and one elsewhere, by bank; the last in the village has no account."""
    lines = [
        actions.LineData(100 + n, world.village.code, 10_000 + n, "bank", payee_name=f"王秀{n}", account="" if n == 3 else f"622848000000{n:04d}")
        for n in range(4)
    ]  # fmt: skip
    lines.append(actions.LineData(200, world.other_village.code, 20_000, "bank", payee_name="李外村", account="6228480000009999"))
    return actions.create_batch(
        key="june", programme="longevity_allowance", purse="尊老金", month=date(2024, 6, 1), lines=lines, title="尊老金六月",
        shares={"city": 40, "district": 60}, by=Actor.system("核算"),
    )  # fmt: skip


@pytest.fixture
def sent(batch: PaymentBatch, as_role: AsRole) -> PaymentBatch:
    """Approved and sent on the pages."""
    assert as_role("benefits_approver").post(f"{HERE}{batch.pk}/approve/").status_code == 302
    assert as_role("benefits_clerk").post(f"{HERE}{batch.pk}/send/").status_code == 302
    batch.refresh_from_db()
    return batch


def answer(batch: PaymentBatch, codes: dict[int, str], amount: int = 0) -> bytes:
    """The bank's answer: person → code."""
    file = batch.files.get()
    lines = PaymentLine.objects.filter(batch=batch, state="sent").order_by("pk")
    said = [Answer(n, reference_of(line.pk, line.attempt), line.amount_fen + amount, codes[line.person_key]) for n, line in enumerate(lines, 1) if line.person_key in codes]
    return BankFile().write_reply(Reply(file.number, TODAY, said))


def upload(client: Client, batch: PaymentBatch, content: bytes) -> Any:
    return client.post(f"{HERE}{batch.pk}/returns/", {"channel": "bank", "file": SimpleUploadedFile("回盘.txt", content)})


def line_of(batch: PaymentBatch, person: int) -> PaymentLine:
    return PaymentLine.objects.get(batch=batch, person_key=person)


def test_the_list_says_what_comes_first_and_adds_up(batch: PaymentBatch, as_role: AsRole) -> None:
    page = as_role("benefits_approver").get(HERE)
    assert [one.what for one in page.context["waiting"]] == ["待复核", "暂缓，要核实账户"]
    (row,) = page.context["rows"]
    assert (row["due"].lines, row["due"].amount_fen, row["totals"]["parked"].lines) == (5, 60_006, 1)
    assert page.context["sum"]["due"].amount_fen == 60_006
    assert len(as_role("benefits_approver").get(f"{HERE}?month=all").context["rows"]) == 3
    assert as_role("benefits_approver").get(f"{HERE}?state=sent").context["rows"] == []


def test_the_road_of_a_batch(sent: PaymentBatch, as_role: AsRole) -> None:
    clerk = as_role("benefits_clerk")
    assert sent.approved_by == "benefits_approver"
    page = clerk.get(f"{HERE}{sent.pk}/")
    assert {row["key"]: row["total"].lines for row in page.context["states"]} == {"sent": 4, "parked": 1}
    assert sum(amount for _level, amount in page.context["bearing"]) == 60_006
    file = sent.files.get()
    assert file.sha256 in page.content.decode()
    taken = clerk.post(f"{HERE}files/{file.pk}/")
    assert taken.content == storage.content_of(file.sha256) and "attachment" in taken["Content-Disposition"]
    assert AuditEntry.objects.filter(verb="payment.file", actor="benefits_clerk").exists()
    reply = answer(sent, {100: SUCCESS, 101: "1001", 102: "9001", 200: SUCCESS})
    assert upload(clerk, sent, reply).status_code == 302
    assert "以前已经入过账" in str(clerk.post(f"{HERE}{sent.pk}/returns/", {"channel": "bank", "file": SimpleUploadedFile("again.txt", reply)}, follow=True).content.decode())
    page = clerk.get(f"{HERE}{sent.pk}/")
    assert {row["key"]: again for row, again in page.context["reasons"]} == {"account_closed": False, "busy": True, "no_account": False}
    assert ReturnFile.objects.count() == 1 and faults_of_the_books() == []
    assert not list(storage.path_of("x").parent.parent.glob("work/return-*")), "nothing of the upload stays behind"


def test_nobody_sends_what_nobody_approved(batch: PaymentBatch, as_role: AsRole) -> None:
    page = as_role("benefits_clerk").post(f"{HERE}{batch.pk}/send/")
    assert page.status_code == 422 and "须先由另一个人复核" in page.content.decode()
    assert as_role("benefits_clerk").post(f"{HERE}{batch.pk}/approve/").status_code == 403


def test_who_prepared_it_does_not_approve(batch: PaymentBatch, as_role: AsRole) -> None:
    PaymentBatch.objects.filter(pk=batch.pk).update(created_by="benefits_approver")
    page = as_role("benefits_approver").post(f"{HERE}{batch.pk}/approve/")
    assert page.status_code == 422 and "须由另一个人复核" in page.content.decode()
    assert not page.context["may_approve"]


def test_a_wrong_answer_is_refused_whole_with_its_lines(sent: PaymentBatch, as_role: AsRole) -> None:
    clerk = as_role("benefits_clerk")
    page = upload(clerk, sent, answer(sent, {100: SUCCESS, 101: SUCCESS}, amount=1))
    assert page.status_code == 422
    assert [place for place, _reason in page.context["faults"]] == ["2", "3"], "the first line is the head of the file"
    assert "金额不符" in page.content.decode() and "共 2 处" in page.context["problem"]
    assert PaymentLine.objects.filter(batch=sent, state="paid").count() == 0 and not ReturnFile.objects.exists()
    assert "空文件" in upload(clerk, sent, b"").content.decode()
    assert upload(clerk, sent, b"\x00\xff nonsense").status_code == 422


def test_large_work_is_a_job_that_says_how_far_it_is(batch: PaymentBatch, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    as_role("benefits_approver").post(f"{HERE}{batch.pk}/approve/")
    monkeypatch.setattr(payment_jobs, "AT_ONCE", 0)
    clerk = as_role("benefits_clerk")
    answer = clerk.post(f"{HERE}{batch.pk}/send/")
    job = Job.objects.get(kind=payment_jobs.KIND)
    assert answer["Location"] == f"{HERE}jobs/{job.pk}/" and "排队中" in clerk.get(answer["Location"]).content.decode()
    assert as_role("benefits_clerk").get(f"{HERE}jobs/{job.pk + 1}/").status_code == 404
    payment_jobs.do_now(job)
    led = clerk.get(answer["Location"])["Location"]
    for _asked in range(2):  # the script that watches asks for the page before the browser does
        assert led.startswith(f"{HERE}{batch.pk}/") and "已发出 4 笔" in clerk.get(led).content.decode()
    assert "已发出 4 笔" not in as_role("benefits_approver").get(led).content.decode()
    assert PaymentLine.objects.filter(batch=batch, state="sent").count() == 4


def test_lines_show_masks_and_only_ones_own_place(sent: PaymentBatch, as_role: AsRole) -> None:
    page = as_role("town_official").get(f"{HERE}{sent.pk}/lines/")
    html = page.content.decode()
    assert len(page.context["rows"]) == 4 and "王*0" in html and "王秀0" not in html
    assert "6228480000000000" not in html and "622848******0000" in html
    whole = as_role("town_official").get(f"{HERE}{sent.pk}/")
    assert not whole.context["whole"] and whole.context["files"] == [] and whole.context["due"].lines == 4
    outside = line_of(sent, 200)
    assert as_role("town_official").get(f"{HERE}lines/{outside.pk}/").status_code == 404
    for query, count in (("state=parked", 1), ("reason=no_account", 1), ("channel=e_cny", 0), ("division=tianning", 1), ("division=wujin", 4), ("division=31x", 0), ("state=x", 5)):
        assert len(as_role("benefits_clerk").get(f"{HERE}{sent.pk}/lines/?{query}").context["rows"]) == count, query


def test_a_town_sees_where_the_money_of_its_people_went(sent: PaymentBatch, as_role: AsRole) -> None:
    page = as_role("town_official").get(f"{HERE}lines/{line_of(sent, 100).pk}/")
    assert [move.kind for move, _from, _to in page.context["transfers"]] == ["sending"]
    assert "渠道在途 · 银行代发" in page.content.decode()


def test_behind_the_mask_only_with_a_reason_on_record(sent: PaymentBatch, as_role: AsRole) -> None:
    line = line_of(sent, 100)
    clerk, url = as_role("benefits_clerk"), f"{HERE}lines/{line.pk}/reveal/"
    assert clerk.post(url, {}).status_code == 422
    assert not AuditEntry.objects.filter(verb="payment.reveal").exists()
    assert "6228480000000000" in clerk.post(url, {"reason": "verify"}).content.decode()
    assert AuditEntry.objects.get(verb="payment.reveal").subject == f"payment_line:{line.pk}"
    refused = as_role("benefits_approver").post(url, {"reason": "verify"})
    assert refused.status_code == 302 and AuditEntry.objects.filter(verb="payment.reveal").count() == 1


def test_putting_an_account_right_opens_the_next(sent: PaymentBatch, as_role: AsRole) -> None:
    clerk, parked = as_role("benefits_clerk"), line_of(sent, 103)
    act = f"{HERE}lines/{parked.pk}/act/"
    assert "没有收款人姓名或账户" in clerk.post(act, {"verb": "unpark"}).content.decode()
    refused = clerk.post(act, {"verb": "unpark", "account": "12"})
    assert refused.status_code == 422 and 'value="12"' in refused.content.decode()
    done = clerk.post(act, {"verb": "unpark", "account": "6228 4800 0000 7777", "note": "本人来电"})
    assert done["Location"] == f"{HERE}{sent.pk}/lines/?state=parked", "it was the last"
    parked.refresh_from_db()
    assert (parked.state, parked.account) == ("planned", "6228480000007777")
    assert clerk.post(f"{HERE}{sent.pk}/send/").status_code == 302
    assert sent.files.count() == 2
    assert clerk.post(act, {"verb": "nothing"}).status_code == 422


def test_in_bulk_all_or_none(sent: PaymentBatch, as_role: AsRole) -> None:
    clerk, act = as_role("benefits_clerk"), f"{HERE}{sent.pk}/lines/act/"
    upload(clerk, sent, answer(sent, {100: "9001", 101: "9001", 102: "1001"}))
    ids = {person: line_of(sent, person).pk for person in (100, 101, 102, 200)}
    refused = clerk.post(act, {"verb": "retry", "line": [ids[100], ids[102]], "query": "state=returned"})
    assert refused.status_code == 422 and "照原样重发还会退回" in refused.content.decode()
    assert PaymentLine.objects.filter(batch=sent, state="retried").count() == 0
    assert clerk.post(act, {"verb": "retry", "all": "1", "query": "state=returned"})["Location"].endswith("?state=returned")
    assert set(PaymentLine.objects.filter(batch=sent, state="retried").values_list("person_key", flat=True)) == {100, 101}
    assert clerk.post(act, {"verb": "park", "line": [ids[102]], "reason": "account_closed"}).status_code == 302
    assert "没有选中" in clerk.post(act, {"verb": "park"}).content.decode()
    assert "请写明撤销的原因" in clerk.post(act, {"verb": "cancel", "line": [ids[102]]}).content.decode()
    assert clerk.post(act, {"verb": "cancel", "line": [ids[102]], "note": "已去世"}).status_code == 302
    assert line_of(sent, 102).state == "cancelled" and faults_of_the_books() == []


def test_what_is_to_be_given_back(sent: PaymentBatch, as_role: AsRole) -> None:
    clerk = as_role("benefits_clerk")
    upload(clerk, sent, answer(sent, {100: SUCCESS}))
    line = line_of(sent, 100)
    claim = f"{HERE}lines/{line.pk}/claim/"
    form = {"verb": "claim", "amount": "60.00", "note": "去世后多发", "form_token": "t1"}
    assert "不是金额" in clerk.post(claim, {**form, "amount": "六十"}).content.decode()
    assert "超过还可追回" in clerk.post(claim, {**form, "amount": "600"}).content.decode()
    assert clerk.post(claim, form).status_code == 302
    assert clerk.post(claim, form).status_code == 302, "sent twice, claimed once"
    assert clerk.post(claim, {"verb": "repay", "amount": "20", "form_token": "t2"}).status_code == 302
    (row,) = as_role("town_official").get(f"{HERE}claims/").context["rows"]
    assert (row["claimed"], row["repaid"], row["left"]) == (6_000, 2_000, 4_000)
    assert as_role("town_official").get(f"{HERE}lines/{line.pk}/").context["left_fen"] == 4_000
    assert Transfer.objects.filter(kind="repayment").count() == 2 and faults_of_the_books() == []
    away, approver = f"{HERE}lines/{line.pk}/write-off/", as_role("benefits_approver")
    assert "原因和依据" in clerk.post(away, {"note": ""}).content.decode()
    assert clerk.post(away, {"note": "领款人死亡且无遗产"}).status_code == 302
    assert "等另一位有审批权限的人决定" in clerk.get(f"{HERE}lines/{line.pk}/").content.decode()
    assert clerk.post(f"{away}decide/", {"answer": "confirm"}).status_code == 403
    assert "同意核销" in approver.get(f"{HERE}lines/{line.pk}/").content.decode()
    assert approver.post(f"{away}decide/", {"answer": "confirm"}).status_code == 302
    page = as_role("town_official").get(f"{HERE}claims/")
    assert (page.context["rows"][0]["written_off"], page.context["total"]["left"]) == (4_000, 0) and "已结清" in page.content.decode()
    assert approver.post(f"{away}decide/", {"answer": "confirm"}).status_code == 422 and faults_of_the_books() == []


def test_cancelling_needs_words_and_gives_the_funds_back(batch: PaymentBatch, as_role: AsRole) -> None:
    as_role("benefits_approver").post(f"{HERE}{batch.pk}/approve/")
    clerk = as_role("benefits_clerk")
    assert "请写明撤销的原因" in clerk.post(f"{HERE}{batch.pk}/cancel/", {"reason": ""}).content.decode()
    assert clerk.post(f"{HERE}{batch.pk}/cancel/", {"reason": "名单有误"}).status_code == 302
    batch.refresh_from_db()
    assert batch.state == "cancelled" and faults_of_the_books() == []


def test_the_stand_ins_answer_in_the_demo(batch: PaymentBatch, as_role: AsRole, settings: Any) -> None:
    settings.SYNTHETIC = True
    as_role("benefits_approver").post(f"{HERE}{batch.pk}/approve/")
    clerk = as_role("benefits_clerk")
    clerk.post(f"{HERE}{batch.pk}/send/")
    assert "模拟渠道" in clerk.get(f"{HERE}{batch.pk}/").content.decode()
    assert clerk.post(f"{HERE}collect/", {"batch": batch.pk})["Location"].startswith(f"{HERE}{batch.pk}/")
    assert ReturnFile.objects.filter(file__batch=batch).exists()
    assert clerk.post(f"{HERE}settle/").status_code == 302
    settings.SYNTHETIC = False
    assert "模拟渠道" not in clerk.get(f"{HERE}{batch.pk}/").content.decode()


def test_the_books_of_a_month(sent: PaymentBatch, as_role: AsRole) -> None:
    clerk = as_role("benefits_clerk")
    money = {"level": "city", "purse": "尊老金", "district": "wujin", "amount": "1,000.00", "memo": "常财社〔2024〕1号", "form_token": "f"}
    assert "没有“别的”" in clerk.post(f"{HERE}months/funds/", {**money, "purse": "别的"}).content.decode()
    assert clerk.post(f"{HERE}months/funds/", money).status_code == 302
    page = clerk.get(f"{HERE}statement/?month=2024-06")
    assert page.context["fund_sum"]["received"] == 100_000 and page.context["fund_sum"]["reserved"] == 60_006
    assert [row.purse for row, _level, _place in page.context["funds"]] == ["尊老金", "尊老金"]
    own = as_role("district_official").get(f"{HERE}statement/?month=2024-06&district=each")
    assert {place for _row, _level, place in own.context["funds"]} == {"武进区"}
    assert own.context["fund_sum"]["reserved"] == 40_006
    assert clerk.get(f"{HERE}statement/?by=programmes").context["programme_sum"]["sent"] == 50_003
    balance = clerk.get(f"{HERE}balance/?all=1")
    assert balance.context["balance"].balanced and balance.context["balance"].debit_fen > 0 and "借贷相等" in balance.content.decode()
    assert clerk.get(f"{HERE}balance/?on=2024-05-01").context["groups"] == []
    assert "没有您辖区内" in as_role("town_official").get(f"{HERE}balance/").content.decode()


def test_a_month_is_closed_when_it_is_over_and_agrees(sent: PaymentBatch, as_role: AsRole) -> None:
    clerk, close = as_role("benefits_clerk"), f"{HERE}months/close/"
    assert "还没有过完" in clerk.post(close, {"month": "2024-06"}).content.decode()
    assert "请选择" in clerk.post(close, {"month": "六月"}).content.decode()
    with clock.use(date(2024, 7, 2)):
        assert clerk.get(f"{HERE}months/").context["next"] == date(2024, 6, 1)
        PaymentLine.objects.filter(batch=sent, person_key=100).update(state="paid")
        refused = clerk.post(close, {"month": "2024-06"})
        assert refused.status_code == 422 and "账实不符" in refused.content.decode()
        PaymentLine.objects.filter(batch=sent, person_key=100).update(state="sent")
        assert clerk.post(close, {"month": "2024-06"})["Location"].startswith(f"{HERE}statement/?month=2024-06")
        assert "已结账" in clerk.get(f"{HERE}statement/?month=2024-06").content.decode()
        assert MonthClose.objects.get().closed_by == "benefits_clerk"
