"""The bank's batch file: fixed columns, counted in bytes of GB18030, a header and a trailer with count and total."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from minzheng.kernel.ledger.channels.channel import Order, Payment, Reading, Reply, text_of
from minzheng.kernel.ledger.errors import Fault, Refused

_NAME, _ACCOUNT, _PURPOSE, _END = 60, 32, 60, b"\r\n"


def _text(value: str, width: int) -> bytes:
    """Left-aligned in `width` bytes; a character that would not fit whole is left out."""
    raw = value.encode("gb18030")
    while len(raw) > width:
        value = value[:-1]
        raw = value.encode("gb18030")
    return raw.ljust(width)


class BankFile:
    """H 文件号20 日期8 笔数8 总额18 用途60 ／ D 流水号18 账号32 户名60 金额15 ／ T 笔数8 总额18; amounts in 分, right-aligned.
    Coming back: H 文件号20 日期8 ／ D 流水号18 金额15 结果4 ／ T 笔数8 总额18."""

    name, title, suffix = "bank", "银行代发", "txt"
    codes: Mapping[str, str] = {
        "1001": "account_closed", "1002": "name_mismatch", "1003": "account_frozen", "9001": "busy", "2001": "sent_back",
    }  # fmt: skip

    def write(self, order: Order) -> bytes:
        """Raises nothing: names longer than their column are cut at a whole character."""
        count, total = len(order.payments), order.amount_fen
        head = f"H{order.number:<20}{order.on:%Y%m%d}{count:08d}{total:018d}".encode("ascii") + _text(order.purpose, _PURPOSE)
        rows = [
            b"D%b%b%b%015d" % (p.reference.encode(), p.account.encode().ljust(_ACCOUNT), _text(p.name, _NAME), p.amount_fen)
            for p in order.payments
        ]
        return _END.join([head, *rows, b"T%08d%018d" % (count, total), b""])

    def read(self, content: bytes) -> Order:
        """The order again, as the bank reads it."""
        head, *rows, _tail, _rest = content.split(_END)
        payments = [
            Payment(row[1:19].decode(), row[51:111].decode("gb18030").rstrip(), row[19:51].decode().rstrip(), int(row[111:126]))
            for row in rows
        ]
        day = date.fromisoformat(head[21:29].decode())
        return Order(head[1:21].decode().rstrip(), day, head[55:].decode("gb18030").rstrip(), payments)

    def write_reply(self, reply: Reply) -> bytes:
        """The bank's answer."""
        rows = [f"D{a.reference}{a.amount_fen:015d}{a.code}" for a in reply.answers]
        tail = f"T{len(rows):08d}{reply.amount_fen:018d}"
        return "\r\n".join([f"H{reply.number:<20}{reply.on:%Y%m%d}", *rows, tail, ""]).encode("gb18030")

    def read_reply(self, content: bytes) -> Reply:
        """Raises Refused with places for lines that do not fit."""
        what = "银行回盘文件"
        lines = text_of(content, "gb18030", what).replace("\r\n", "\n").rstrip("\n").split("\n")
        head, tail = lines[0], lines[-1]
        if len(head) != 29 or head[0] != "H":
            raise Refused(f"{what}不能入账", [Fault(1, "应是以 H 开头、29 位的文件头")])
        if len(tail) != 27 or tail[0] != "T" or not (tail.isascii() and tail[1:].isdigit()):
            raise Refused(f"{what}不能入账", [Fault(len(lines), "应是以 T 开头的文件尾；文件可能没有传完")])
        reading = Reading(what, self.codes)
        for place, row in enumerate(lines[1:-1], 2):
            if len(row) != 38 or row[0] != "D":
                reading.wrong(place, f"应是以 D 开头、38 位的明细，收到的是 {len(row)} 位")
            else:
                reading.answer(place, row[1:19], row[19:34], row[34:])
        return reading.done(head[1:21].rstrip(), head[21:], str(int(tail[1:9])), str(int(tail[9:])))
