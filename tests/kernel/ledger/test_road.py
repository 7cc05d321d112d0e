"""The road of a batch: prepared, approved by another, sent, answered; the books agree at every station."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.ledger import actions, channels, queries, storage
from minzheng.kernel.ledger.channels import FORMS
from minzheng.kernel.ledger.channels.channel import SUCCESS, Answer, Reply
from minzheng.kernel.ledger.checks import faults_of_the_books
from minzheng.kernel.ledger.errors import KeyClash, LedgerError, Refused, SamePerson
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine, Transfer
from minzheng.kernel.registry.models import Person
from tests.kernel.ledger.conftest import CLERK, JINGKAI, MONTH, TIANNING, WUJIN, approved, line, sent

TODAY = date(2024, 6, 3)


def standing(on: date = TODAY) -> dict[str, int]:
    """code → debit minus credit."""
    return {row.account.code: row.debit_fen - row.credit_fen for row in queries.trial_balance(CLERK, on).rows}


def answer(file: Any, codes: dict[int, str], on: date = TODAY) -> bytes:
    """A bank's file answering the payments of some people: person → code."""
    form = FORMS[file.channel]
    order = form.read(storage.content_of(file.sha256))
    lines = {row.pk: row.person_key for row in PaymentLine.objects.filter(file=file)}
    answers = [
        Answer(0, p.reference, p.amount_fen, codes[lines[int(p.reference[:15])]])
        for p in order.payments if lines[int(p.reference[:15])] in codes
    ]  # fmt: skip
    return form.write_reply(Reply(file.number, on, answers))


def take(content: bytes, channel: str = "bank") -> Any:
    return actions.take_return(channel_name=channel, content=content, file_name="回盘.txt", by=CLERK)


def test_money_goes_from_funds_to_people(make: Any) -> None:
    actions.receive_funds(level="centre", purse="尊老金", district="tianning", amount_fen=100_000, key="2024-1", by=CLERK)
    batch = make([line(1), line(2, amount=10_001), line(3, WUJIN), line(4, JINGKAI)])
    assert standing() == {"fund/centre/尊老金/tianning": 100_000, "appropriation/centre/尊老金/tianning": -100_000}
    approved(batch)
    assert standing()["payable/longevity_allowance/tianning"] == 20_001
    assert standing()["fund/centre/尊老金/tianning"] == 100_000 - 6_001  # 6,000.30: the 分 left over
    assert standing()["fund/district/尊老金/tianning"] == -5_000  # 20,001 × 25 % = 5,000.25
    assert standing()["payable/longevity_allowance/jingkai"] == 10_000, "经开 pays for its own, although it has no code"
    (file,) = actions.send_batch(batch_id=batch.pk, by=CLERK)
    assert standing()["clearing/bank/longevity_allowance/tianning"] == 20_001
    take(answer(file, {1: SUCCESS, 2: "1001", 3: SUCCESS, 4: SUCCESS}))
    after = standing()
    assert after["paid/longevity_allowance/tianning"] == 10_000
    assert after["payable/longevity_allowance/tianning"] == 10_001, "what came back is owed again"
    assert sum(after.values()) == 0 and faults_of_the_books() == []
    assert PaymentLine.objects.get(person_key=2).reason == "account_closed"
    verbs = AuditEntry.objects.filter(subject=f"payment_batch:{batch.pk}").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["payment.create", "payment.approve", "payment.send", "payment.return"]


def test_a_second_person_approves(make: Any) -> None:
    batch = make([line(1)], prepared_by="checker")
    with pytest.raises(SamePerson, match="另一个人"):
        approved(batch)
    with pytest.raises(LedgerError, match="须先由另一个人复核"):
        actions.send_batch(batch_id=batch.pk, by=CLERK)
    assert not Transfer.objects.exists()


def test_every_verb_done_twice_is_done_once(make: Any) -> None:
    batch = make([line(1), line(2)])
    assert make([line(2), line(1)]).pk == batch.pk, "the same list in another order is the same list"
    with pytest.raises(KeyClash, match="名单或资金"):
        make([line(1)])
    approved(batch)
    approved(batch)
    (file,) = actions.send_batch(batch_id=batch.pk, by=CLERK)
    assert actions.send_batch(batch_id=batch.pk, by=CLERK) == []
    content = answer(file, {1: SUCCESS, 2: SUCCESS})
    assert [take(content)[1], take(content)[1]] == [False, True]
    for _ in range(2):
        actions.receive_funds(level="city", purse="尊老金", district="wujin", amount_fen=5, key="k", by=CLERK)
    assert Transfer.objects.count() == 4 + 2 + 2 + 1
    with pytest.raises(KeyClash, match="funding:k"):
        actions.receive_funds(level="city", purse="尊老金", district="wujin", amount_fen=6, key="k", by=CLERK)


def test_nobody_is_paid_twice_for_the_same(make: Any) -> None:
    first = make([line(1), line(2)])
    with pytest.raises(Refused, match=f"第 2 行：.*批次 {first.pk}"):
        make([line(3), line(2)], key="b")
    make([line(2, purpose="backpay:2024-05")], key="c")
    actions.cancel_batch(batch_id=first.pk, reason="名单有误", by=CLERK)
    make([line(2)], key="d")


def test_bad_lists_are_refused_with_the_place(make: Any) -> None:
    rows = [line(1), line(2, amount=0), line(3, "999999999999"), line(4, channel="pigeon"), line(1), line(5, account="62 22;")]
    with pytest.raises(Refused) as refused:
        make(rows)
    assert [fault.place for fault in refused.value.faults] == [2, 3, 4, 5, 6]
    assert not PaymentBatch.objects.exists()
    with pytest.raises(LedgerError, match="当月第一天"):
        make([line(1)], month=date(2024, 6, 2))
    with pytest.raises(LedgerError, match="90%"):
        make([line(1)], shares={"city": 90})


def test_frames_names_of_the_registry_and_people_without_accounts(make: Any) -> None:
    Person.objects.bulk_create(
        Person(person_key=key, name=f"李{key}", sex="1", division_code=TIANNING, known_since=TODAY, known_because="测试", updated_as_of=TODAY)
        for key in range(1, 1001)
    )
    keys = list(range(1, 1002))
    batch = make(pl.DataFrame({"person_key": keys, "division_code": [TIANNING] * 1001, "amount_fen": [500] * 1001}))
    parked = PaymentLine.objects.filter(batch=batch, state="parked")
    assert parked.get(reason="no_name").person_key == 1001
    assert 0 < parked.filter(reason="no_account").count() < 30
    assert PaymentLine.objects.get(person_key=7).payee_name == "李7"
    other = make([line(5000, account="", channel="social_security_card")], key="b").payments.get()
    known = channels.channel("social_security_card").counterpart.accounts_of([5000])
    assert known == {5000: other.account}


def test_without_a_counterpart_accounts_come_with_the_lines(make: Any, settings: Any) -> None:
    settings.SYNTHETIC = False
    batch = make([line(1), line(2, account="")])
    assert dict(batch.payments.values_list("person_key", "reason")) == {1: "", 2: "no_account"}


def test_a_return_is_retried_or_parked_and_put_right(make: Any) -> None:
    file = sent(make([line(1), line(2), line(3)]))
    take(answer(file, {1: "9001", 2: "1001", 3: SUCCESS}))
    ids = dict(PaymentLine.objects.values_list("person_key", "pk"))
    with pytest.raises(LedgerError, match="账户已销户"):
        actions.retry_lines(line_ids=[ids[1], ids[2]], by=CLERK)
    assert PaymentLine.objects.get(pk=ids[1]).state == "returned", "all or nothing"
    assert actions.settle_returns(by=CLERK) == (1, 1)
    with pytest.raises(LedgerError, match="先改正"):
        actions.unpark_line(line_id=ids[2], by=CLERK)
    with pytest.raises(LedgerError, match="6 到 32 位"):
        actions.unpark_line(line_id=ids[2], account="好", by=CLERK)
    actions.unpark_line(line_id=ids[2], account="6217 0000 1234", by=CLERK)
    (again,) = actions.send_batch(batch_id=file.batch_id, by=CLERK)
    assert (again.lines, again.number) == (2, file.number[:-3] + "002")
    assert b"621700001234" in storage.content_of(again.sha256)
    take(answer(again, {1: SUCCESS, 2: SUCCESS}))
    assert set(PaymentLine.objects.values_list("state", flat=True)) == {"paid"}
    keys = queries.transfers_of_line(ids[2], CLERK).values_list("key", flat=True)
    assert [key.split(":", 2)[2] for key in keys] == ["sent:1", "returned:1", "sent:2", "paid:2"]
    assert faults_of_the_books() == []


def test_sent_back_after_it_had_arrived(make: Any) -> None:
    file = sent(make([line(1), line(2)]))
    take(answer(file, {1: SUCCESS, 2: SUCCESS}))
    pk = PaymentLine.objects.get(person_key=1).pk
    actions.record_recovery(line_id=pk, amount_fen=3_000, key="r", reason="已去世", by=CLERK)
    take(answer(file, {1: "2001"}))
    assert standing()["payable/longevity_allowance/tianning"] == 10_000
    assert "receivable/longevity_allowance/tianning" not in standing(), "what came back is claimed no longer"
    assert faults_of_the_books() == []
    with pytest.raises(Refused, match="已有结果"):
        take(answer(file, {1: "2001", 2: "2001"}))


def test_recovery_and_repayment_go_back_to_the_funds(make: Any) -> None:
    file = sent(make([line(1, amount=101)]))
    pk = PaymentLine.objects.get().pk
    with pytest.raises(LedgerError, match="没有付出"):
        actions.record_recovery(line_id=pk, amount_fen=1, key="r", reason="已去世", by=CLERK)
    take(answer(file, {1: SUCCESS}))
    for _ in range(2):
        actions.record_recovery(line_id=pk, amount_fen=100, key="r", reason="已去世", by=CLERK)
    with pytest.raises(LedgerError, match="还可追回的 1 分"):
        actions.record_recovery(line_id=pk, amount_fen=2, key="s", reason="已去世", by=CLERK)
    with pytest.raises(LedgerError, match="未退的 100 分"):
        actions.record_repayment(line_id=pk, amount_fen=101, key="p", by=CLERK)
    assert actions.record_repayment(line_id=pk, amount_fen=60, key="p", by=CLERK) == 4
    assert actions.record_repayment(line_id=pk, amount_fen=60, key="p", by=CLERK) == 0
    after = standing()
    assert after["receivable/longevity_allowance/tianning"] == 40
    assert after["paid/longevity_allowance/tianning"] == 1
    assert faults_of_the_books() == []


def test_cancelling_gives_the_funds_back_exactly(make: Any) -> None:
    batch = approved(make([line(n, amount=333) for n in range(1, 8)]))
    ids = list(batch.payments.order_by("pk").values_list("pk", flat=True))
    for pk in ids[:3]:
        actions.cancel_lines(line_ids=[pk], reason="已去世", by=CLERK)
        assert faults_of_the_books() == []
    actions.cancel_batch(batch_id=batch.pk, reason="重做", by=CLERK)
    assert standing() == {} and faults_of_the_books() == []
    file = sent(make([line(50)], key="b"))
    with pytest.raises(LedgerError, match="已经发出"):
        actions.cancel_batch(batch_id=file.batch_id, reason="重做", by=CLERK)
    with pytest.raises(LedgerError, match="在途"):
        actions.cancel_lines(line_ids=[PaymentLine.objects.get(person_key=50).pk], reason="重做", by=CLERK)


def test_names_and_accounts_are_masked_and_opening_them_is_recorded(make: Any) -> None:
    batch = make([line(1, payee_name="王小兰", account="6228480400001234")])
    (row,) = queries.shown(queries.lines(CLERK, batch_id=batch.pk))
    assert (row.name, row.account) == ("王*兰", "622848******1234")
    assert actions.reveal_line(line_id=row.pk, by=CLERK, why="核对") == ("王小兰", "6228480400001234")
    assert AuditEntry.objects.filter(verb="payment.reveal", subject=f"payment_line:{row.pk}", reason="核对").exists()
    file = sent(batch)
    assert "王小兰" in actions.open_file(file_id=file.pk, by=CLERK)[1].decode("gb18030")
    assert "王小兰".encode("gb18030") not in storage.path_of(file.sha256).read_bytes()


def test_a_district_sees_its_own(make: Any) -> None:
    from minzheng.kernel.foundation.access import Actor

    batch = make([line(1), line(2, WUJIN), line(3, JINGKAI)])
    approved(batch)
    local = Actor("t", "district_official", frozenset({"benefits.view"}), (("320402000000", "320403000000"),))
    assert [row.pk for row in queries.batches(local)] == [batch.pk]
    assert [row.person_key for row in queries.lines(local, batch_id=batch.pk)] == [1]
    assert queries.totals(local, batch.pk)["planned"] == queries.Total(1, 10_000)
    trial = queries.trial_balance(local, TODAY)
    assert trial.balanced and {row.account.district for row in trial.rows} == {"tianning"}
    assert {row.district for row in queries.statement(MONTH, local, provisional=True).programmes} == {"tianning"}
    elsewhere = Actor("e", "district_official", frozenset({"benefits.view"}), (("320481000000", "320482000000"),))
    assert not queries.batches(elsewhere).exists()
    with pytest.raises(LedgerError, match="辖区"):
        actions.cancel_lines(
            line_ids=[queries.lines(CLERK).get(person_key=2).pk], reason="重做",
            by=Actor("t", "x", frozenset({"payments.manage"}), local.ranges),
        )  # fmt: skip


def test_a_night_of_returns(make: Any) -> None:
    keys = range(1, 1001)
    for position, channel in enumerate(FORMS):
        rows = [line(10_000 * position + key, channel=channel, account="") for key in keys]
        batch = make(rows, key=channel)
        sent(batch)
    first = actions.collect_returns(as_of=TODAY, by=CLERK)
    assert first["returns"] == 3 and first["paid"] > 2_500 and first["returned"] > 6
    assert actions.collect_returns(as_of=TODAY, by=CLERK)["returns"] == 0, "asked again, nothing new"
    waiting = PaymentLine.objects.filter(state="sent").count()
    assert waiting > 3, "some answers are late"
    retried, parked = actions.settle_returns(by=CLERK)
    assert retried > 1 and parked > 3
    later = date(2024, 6, 17)
    with clock.use(later):
        actions.collect_returns(as_of=later, by=CLERK)
    assert not PaymentLine.objects.filter(state="sent").exists()
    assert faults_of_the_books() == []


def test_whoever_is_paid_already_is_found_by_the_index(make: Any) -> None:
    make([line(1)])
    with CaptureQueriesContext(connection) as asked, pytest.raises(Refused):
        make([line(1)], key="b")
    (sql,) = {query["sql"] for query in asked.captured_queries if "ledger_paymentline l ON" in query["sql"]}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
        plan = str(cursor.fetchall())
    assert "paid_once" in plan, plan
