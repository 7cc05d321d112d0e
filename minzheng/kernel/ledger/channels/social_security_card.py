"""The social-security card office's file: CSV in UTF-8, totals in the first record."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date

from minzheng.kernel.ledger.channels.channel import Order, Payment, Reading, Reply, text_of
from minzheng.kernel.ledger.errors import Fault, Refused

_OUT = ["流水号", "姓名", "社保卡银行账号", "金额(分)"]
_BACK = ["流水号", "金额(分)", "结果"]


class CardFile:
    """#文件号,日期,笔数,总额(分)[,用途] ／ head ／ rows. The office answers in the same manner."""

    name, title, suffix = "social_security_card", "社保卡", "csv"
    codes: Mapping[str, str] = {
        "E01": "account_closed", "E02": "name_mismatch", "E03": "account_frozen", "E09": "busy", "R01": "sent_back",
    }  # fmt: skip

    def write(self, order: Order) -> bytes:
        """Payments as rows."""
        head = [f"#{order.number}", order.on.isoformat(), str(len(order.payments)), str(order.amount_fen), order.purpose]
        return _csv([head, _OUT, *([p.reference, p.name, p.account, str(p.amount_fen)] for p in order.payments)])

    def read(self, content: bytes) -> Order:
        """The order again, as the office reads it."""
        head, _names, *rows = csv.reader(io.StringIO(content.decode()))
        payments = [Payment(reference, name, account, int(amount)) for reference, name, account, amount in rows]
        return Order(head[0][1:], date.fromisoformat(head[1]), head[4], payments)

    def write_reply(self, reply: Reply) -> bytes:
        """The office's answer."""
        head = [f"#{reply.number}", reply.on.isoformat(), str(len(reply.answers)), str(reply.amount_fen)]
        return _csv([head, _BACK, *([a.reference, str(a.amount_fen), a.code] for a in reply.answers)])

    def read_reply(self, content: bytes) -> Reply:
        """Raises Refused with places for rows that do not fit."""
        what = "社保卡回盘文件"
        reader = csv.reader(io.StringIO(text_of(content, "utf-8-sig", what)))
        try:
            rows = list(reader)
        except csv.Error as error:
            raise Refused(f"{what}不能入账", [Fault(reader.line_num, "这一行不是 CSV")]) from error
        if len(rows) < 2 or len(rows[0]) != 4 or not rows[0][0].startswith("#"):
            raise Refused(f"{what}不能入账", [Fault(1, "第一行应是 #文件号,日期,笔数,总额(分)")])
        if rows[1] != _BACK:
            raise Refused(f"{what}不能入账", [Fault(2, f"表头应是 {','.join(_BACK)}")])
        reading = Reading(what, self.codes)
        for place, row in enumerate(rows[2:], 3):
            if len(row) != len(_BACK):
                reading.wrong(place, f"应有 {len(_BACK)} 列，收到的是 {len(row)} 列")
            else:
                reading.answer(place, *row)
        return reading.done(rows[0][0][1:], *rows[0][1:])


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
