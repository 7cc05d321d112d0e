"""What a channel is: a form of files, and a counterpart that knows accounts and answers. Knows no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, Protocol

from minzheng.kernel.ledger.errors import Fault, Refused

SUCCESS = "0000"


class Payment(NamedTuple):
    """One line of a file that goes out. `reference` (18 digits) names payment and attempt, and comes back with the answer."""

    reference: str
    name: str
    account: str
    amount_fen: int


@dataclass(frozen=True)
class Order:
    """A file that goes out: its number, day, purpose, and the payments."""

    number: str
    on: date
    purpose: str
    payments: Sequence[Payment]

    @property
    def amount_fen(self) -> int:
        return sum(payment.amount_fen for payment in self.payments)


class Answer(NamedTuple):
    """What became of one payment. `code` is the channel's, SUCCESS when paid; `place` the line of the file, from 1."""

    place: int
    reference: str
    amount_fen: int
    code: str


@dataclass(frozen=True)
class Reply:
    """A file that came back: to which of ours, of which day, and the answers."""

    number: str
    on: date
    answers: Sequence[Answer]

    @property
    def amount_fen(self) -> int:
        return sum(answer.amount_fen for answer in self.answers)


class Form(Protocol):
    """How a channel writes. `codes`: the channel's code → reason (reasons.py)."""

    name: str
    title: str
    suffix: str
    codes: Mapping[str, str]

    def write(self, order: Order) -> bytes:
        """The file that goes out, with counts and totals."""

    def read(self, content: bytes) -> Order:
        """What the channel reads in it."""

    def write_reply(self, reply: Reply) -> bytes:
        """The file that comes back."""

    def read_reply(self, content: bytes) -> Reply:
        """What we read in it; raises Refused with places for whatever does not fit the form."""


class Counterpart(Protocol):
    """Who stands behind a channel."""

    def accounts_of(self, keys: Sequence[int]) -> dict[int, str]:
        """person_key → account; whoever has none is left out."""

    def replies(self, order: bytes, as_of: date) -> Iterator[bytes]:
        """All files that have come back for one of ours by a day, oldest first, the same whenever it is asked."""


class Unmanned:
    """Nobody: nothing is known, and nothing comes back by itself."""

    def accounts_of(self, keys: Sequence[int]) -> dict[int, str]:
        return {}

    def replies(self, order: bytes, as_of: date) -> Iterator[bytes]:
        return iter(())


@dataclass(frozen=True)
class Channel:
    """A form and who stands behind it."""

    form: Form
    counterpart: Counterpart


@dataclass
class Reading:
    """Collects the faults of a file that is read line by line, and its answers."""

    what: str
    codes: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def wrong(self, place: int, reason: str) -> None:
        """Note what is wrong in a line."""
        self.faults.append(Fault(place, reason))

    def answer(self, place: int, reference: str, amount: str, code: str) -> None:
        """Note an answer, or what is wrong with it."""
        if not (reference.isascii() and reference.isdigit() and len(reference) == 18):
            self.wrong(place, f"流水号应为 18 位数字，收到的是“{reference}”")
        elif not (amount.isascii() and amount.isdigit() and len(amount) <= 18):
            self.wrong(place, f"金额应为以分计、至多 18 位的整数，收到的是“{amount}”")
        elif code != SUCCESS and code not in self.codes:
            self.wrong(place, f"不认识的结果代码“{code}”")
        else:
            self.answers.append(Answer(place, reference, int(amount), code))

    def done(self, number: str, on: str, count: str, total: str) -> Reply:
        """The reply, once counts and totals fit; raises Refused."""
        seen: dict[str, int] = {}
        for answer in self.answers:
            if (first := seen.setdefault(answer.reference, answer.place)) != answer.place:
                self.wrong(answer.place, f"流水号 {answer.reference} 重复，第 {first:,} 行已有")
        try:
            day = date.fromisoformat(on)
        except ValueError:
            self.wrong(1, f"日期不对：“{on}”")
            day = date.min
        if not self.faults:
            reply = Reply(number, day, self.answers)
            if (count, total) == (str(len(self.answers)), str(reply.amount_fen)):
                return reply
            self.wrong(0, f"笔数或总额对不上：文件写明 {count} 笔 {total} 分，实有 {len(self.answers)} 笔 {reply.amount_fen} 分")
        raise Refused(f"{self.what}不能入账", sorted(self.faults, key=lambda fault: fault.place))


def text_of(content: bytes, encoding: str, what: str) -> str:
    """The text of a file; raises Refused naming the line in which it stops being text."""
    if not content:
        raise Refused(f"{what}不能入账", [Fault(0, "文件是空的（0 字节）")])
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Refused(f"{what}不能入账", [Fault(line, f"不是 {encoding.upper()} 编码的文本")]) from error
