"""A return file that does not fit is refused with the place and the reason, and nothing is booked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.ledger import actions, storage
from minzheng.kernel.ledger.channels import FORMS
from minzheng.kernel.ledger.channels.channel import SUCCESS, Answer, Form, Order, Payment, Reply
from minzheng.kernel.ledger.errors import LedgerError, Refused
from minzheng.kernel.ledger.models import PaymentLine, ReturnFile, Transfer
from tests.kernel.ledger.conftest import CLERK, line, sent

DAY = date(2024, 6, 3)
FORM_LIST = list(FORMS.values())


def refused(channel: str, content: bytes) -> Refused:
    before = (Transfer.objects.count(), AuditEntry.objects.count(), list(PaymentLine.objects.values_list("pk", "state").order_by("pk")))
    with pytest.raises(Refused) as found:
        actions.take_return(channel_name=channel, content=content, file_name="x", by=CLERK)
    assert "什么都没有入账" in str(found.value)
    after = (Transfer.objects.count(), AuditEntry.objects.count(), list(PaymentLine.objects.values_list("pk", "state").order_by("pk")))
    assert before == after and not ReturnFile.objects.exists()
    return found.value


def reply_to(file: Any) -> Reply:
    order = FORMS[file.channel].read(storage.content_of(file.sha256))
    return Reply(file.number, DAY, [Answer(0, p.reference, p.amount_fen, SUCCESS) for p in order.payments])


@pytest.fixture(params=list(FORMS))
def file(request: pytest.FixtureRequest, make: Any) -> Any:
    return sent(make([line(n, channel=request.param) for n in range(1, 5)]))


def written(file: Any, answers: list[Answer], number: str = "", on: date = DAY) -> bytes:
    return FORMS[file.channel].write_reply(Reply(number or file.number, on, answers))


FIRST = {"bank": 2, "social_security_card": 3, "e_cny": 2}  # the line in which details begin


def test_unknown_repeated_and_altered_lines(file: Any) -> None:
    answers = list(reply_to(file).answers)
    first = FIRST[file.channel]
    unknown = refused(file.channel, written(file, [*answers[:2], answers[2]._replace(reference="9" * 18)]))
    assert [fault.place for fault in unknown.faults] == [first + 2] and "不在文件" in str(unknown)
    twice = refused(file.channel, written(file, [*answers, answers[0]]))
    assert [fault.place for fault in twice.faults] == [first + 4] and f"第 {first} 行已有" in str(twice)
    altered = refused(file.channel, written(file, [answers[0], answers[1]._replace(amount_fen=1)]))
    assert f"第 {first + 1} 行" in str(altered) and "发出 10000 分，回盘 1 分" in str(altered)
    code = refused(file.channel, written(file, [answers[0]._replace(code="ZZZZ")]))
    assert "不认识的结果代码“ZZZZ”" in str(code)


def test_files_of_nobody_and_of_the_future(file: Any) -> None:
    answers = list(reply_to(file).answers)
    assert "没有发出过" in str(refused(file.channel, written(file, answers, number="MZ00000099B001")))
    assert "2024-06-04" in str(refused(file.channel, written(file, answers, on=date(2024, 6, 4))))


def test_torn_and_foreign_files(file: Any) -> None:
    whole = written(file, list(reply_to(file).answers))
    for cut in (0, 1, 20, len(whole) // 2, len(whole) - 40):
        refused(file.channel, whole[:cut])
    refused(file.channel, whole.replace(b"10000", b"1x000", 1))
    refused(file.channel, b"\xff\xfe\x00\x81" * 9)
    refused(file.channel, b"PK\x03\x04" + whole)
    other = next(form for form in FORM_LIST if form.name != file.channel)
    refused(other.name, whole)
    with pytest.raises(LedgerError, match="pigeon"):
        actions.take_return(channel_name="pigeon", content=whole, file_name="x", by=CLERK)


def test_counts_and_totals_must_fit(file: Any) -> None:
    answers = list(reply_to(file).answers)
    whole, short = written(file, answers), written(file, answers[:-1])
    separator = b"\n" if file.channel == "e_cny" else b"\r\n"
    rows = whole.split(separator)
    del rows[FIRST[file.channel]]  # one detail less than header or trailer say
    assert "对不上" in str(refused(file.channel, separator.join(rows)))
    assert actions.take_return(channel_name=file.channel, content=short, file_name="x", by=CLERK)[0].paid == 3


def test_an_answered_payment_is_not_answered_again(file: Any) -> None:
    answers = list(reply_to(file).answers)
    actions.take_return(channel_name=file.channel, content=written(file, answers[:2]), file_name="x", by=CLERK)
    booked = Transfer.objects.count()
    with pytest.raises(Refused, match="已有结果"):
        actions.take_return(channel_name=file.channel, content=written(file, answers[1:]), file_name="x", by=CLERK)
    assert Transfer.objects.count() == booked


@pytest.mark.parametrize("form", FORM_LIST, ids=lambda form: str(form.name))
def test_what_a_form_writes_it_reads(form: Form) -> None:
    names = ["张三", "欧阳娜娜", "买买提·阿卜杜热西提", "𠮷野家", 'O"Neil, 张', "张" * 64]
    payments = [Payment(f"{n:018d}", name, f"62{n:017d}", 10**n) for n, name in enumerate(names)]
    order = Order("MZ00000001X001", DAY, "尊老金 2024 年 6 月", payments)
    read = form.read(form.write(order))
    assert (read.number, read.on, read.purpose) == (order.number, order.on, order.purpose)
    for before, after in zip(payments, read.payments, strict=True):
        assert before._replace(name="") == after._replace(name="")
        assert after.name == (before.name[:30] if form.name == "bank" else before.name)
    reply = Reply(order.number, DAY, [Answer(0, p.reference, p.amount_fen, code) for p, code in zip(payments, [SUCCESS, *form.codes], strict=True)])
    assert [a._replace(place=0) for a in form.read_reply(form.write_reply(reply)).answers] == list(reply.answers)
