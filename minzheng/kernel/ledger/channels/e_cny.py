"""The e-CNY operator's file: one JSON object a line, a header and a trailer with count and total."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from minzheng.kernel.ledger.channels.channel import Order, Payment, Reading, Reply, text_of
from minzheng.kernel.ledger.errors import Refused


class WalletFile:
    """{"type": "header"|"pay"|"trailer", …}; the answer: header, "result" lines, trailer."""

    name, title, suffix = "e_cny", "数字人民币", "jsonl"
    codes: Mapping[str, str] = {
        "WALLET_CLOSED": "account_closed", "NAME_MISMATCH": "name_mismatch", "WALLET_FROZEN": "account_frozen",
        "TRY_LATER": "busy", "REVERSED": "sent_back",
    }  # fmt: skip

    def write(self, order: Order) -> bytes:
        """Payments to wallets."""
        head = {"type": "header", "file": order.number, "date": order.on.isoformat(), "purpose": order.purpose}
        rows = [
            {"type": "pay", "reference": p.reference, "name": p.name, "wallet": p.account, "amount_fen": p.amount_fen}
            for p in order.payments
        ]
        return _lines([head, *rows, {"type": "trailer", "count": len(rows), "total_fen": order.amount_fen}])

    def read(self, content: bytes) -> Order:
        """The order again, as the operator reads it."""
        head, *rows, _tail = (json.loads(line) for line in content.decode().splitlines())
        payments = [Payment(row["reference"], row["name"], row["wallet"], row["amount_fen"]) for row in rows]
        return Order(head["file"], date.fromisoformat(head["date"]), head["purpose"], payments)

    def write_reply(self, reply: Reply) -> bytes:
        """The operator's answer."""
        head = {"type": "header", "file": reply.number, "date": reply.on.isoformat()}
        rows = [
            {"type": "result", "reference": a.reference, "amount_fen": a.amount_fen, "code": a.code} for a in reply.answers
        ]
        return _lines([head, *rows, {"type": "trailer", "count": len(rows), "total_fen": reply.amount_fen}])

    def read_reply(self, content: bytes) -> Reply:
        """Raises Refused with places for lines that do not fit."""
        what = "数字人民币回盘文件"
        reading, objects = Reading(what, self.codes), []
        for place, line in enumerate(text_of(content, "utf-8", what).rstrip("\n").split("\n"), 1):
            try:
                found = json.loads(line)
            except ValueError:
                found = None
            if not isinstance(found, dict):
                reading.wrong(place, "不是一个 JSON 对象")
            else:
                objects.append((place, found))
        kinds = [found.get("type") for _place, found in objects]
        if kinds[:1] != ["header"] or kinds[-1:] != ["trailer"] or len(kinds) < 2:
            reading.wrong(0, "应以 header 开头、以 trailer 结尾；文件可能没有传完")
            raise Refused(f"{what}不能入账", reading.faults)
        for place, found in objects[1:-1]:
            if found.get("type") != "result":
                reading.wrong(place, f"应是 result，收到的是“{found.get('type')}”")
            else:
                parts = (found.get(name) for name in ("reference", "amount_fen", "code"))
                reading.answer(place, *map(_said, parts))
        head, tail = objects[0][1], objects[-1][1]
        return reading.done(*map(_said, (head.get("file"), head.get("date"), tail.get("count"), tail.get("total_fen"))))


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _lines(objects: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects).encode()
