"""From what a caller hands over to lines that can be stored: one frame, checked as a whole, with places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.encryption import encrypt_many
from minzheng.kernel.ledger.bulk import fetch, table_of
from minzheng.kernel.ledger.channels import FORMS, channel
from minzheng.kernel.ledger.districts import districts_of
from minzheng.kernel.ledger.errors import Fault, Refused
from minzheng.kernel.ledger.models import PaymentLine

SCHEMA = {
    "person_key": pl.Int64, "division_code": pl.String, "amount_fen": pl.Int64, "channel": pl.String, "purpose": pl.String,
    "payee_name": pl.String, "account": pl.String,
}  # fmt: skip
WIDTHS = {"purpose": 48, "payee_name": 64, "account": 32}
WHAT = "发放名单不能编入批次"


@dataclass(frozen=True)
class LineData:
    """One payment of a list. `purpose` tells apart what one person gets for one month ('regular', 'backpay:2024-03');
    an empty name is taken from the registry, an empty account asked of the channel."""

    person_key: int
    division_code: str
    amount_fen: int
    channel: str = "social_security_card"
    purpose: str = "regular"
    payee_name: str = ""
    account: str = ""


def frame_of(lines: Iterable[LineData] | pl.DataFrame) -> pl.DataFrame:
    """Lines as one frame of SCHEMA, in the order given; columns that a frame does not have get LineData's defaults."""
    if not isinstance(lines, pl.DataFrame):
        rows = list(lines)
        return pl.DataFrame({name: [getattr(row, name) for row in rows] for name in SCHEMA}, schema=SCHEMA)
    if missing := {"person_key", "division_code", "amount_fen"} - set(lines.columns):
        raise Refused(WHAT, [Fault(0, f"缺少列：{'、'.join(sorted(missing))}")])
    defaults = {"channel": "social_security_card", "purpose": "regular", "payee_name": "", "account": ""}
    filled = lines.with_columns(pl.lit(value).alias(name) for name, value in defaults.items() if name not in lines.columns)
    return filled.select(
        pl.col(name).fill_null(defaults[name]).cast(kind) if name in defaults else pl.col(name).cast(kind)
        for name, kind in SCHEMA.items()
    )


def check(frame: pl.DataFrame, on: date, by: Actor) -> pl.DataFrame:
    """The frame with `district`; raises Refused with places for whatever cannot be paid."""
    if frame.is_empty():
        raise Refused(WHAT, [Fault(0, "名单是空的")])
    boards = districts_of((code for code in frame["division_code"].unique() if code), on)
    covered = [code for code, board in boards.items() if board and by.covers(code)]
    slugs = {code: board.slug for code, board in boards.items() if board}
    same = ["person_key", "purpose"]
    tests = {
        "没有人员标识": pl.col("person_key").is_null(),
        "金额应是大于 0 的整数（分）": pl.col("amount_fen").is_null() | (pl.col("amount_fen") <= 0),
        "区划代码不在行政区划内": pl.col("division_code").is_null() | ~pl.col("division_code").is_in(list(slugs)),
        "不在您的辖区内": pl.col("division_code").is_in(sorted(set(slugs) - set(covered))),
        f"没有这个支付渠道（可用：{'、'.join(FORMS)}）": ~pl.col("channel").is_in(list(FORMS)),
        "同一个人同一事项出现两次": ~pl.struct(same).is_first_distinct(),
        "没有写明事项": pl.col("purpose") == "",
        **{f"{name} 超过 {width} 个字符": pl.col(name).str.len_chars() > width for name, width in WIDTHS.items()},
        "收款账户只能有数字和字母": ~pl.col("account").str.contains(r"^[0-9A-Za-z]*$"),
    }
    faults, total = [], 0
    for reason, wrong in tests.items():
        places = frame.with_row_index("place", 1).filter(wrong)["place"]
        total += len(places)
        faults += [Fault(place, reason) for place in places.head(Refused.SHOWN)]
    if faults:
        raise Refused(WHAT, sorted(faults, key=lambda fault: fault.place), total)
    return frame.with_columns(pl.col("division_code").replace_strict(slugs, return_dtype=pl.String).alias("district"))


def refuse_paid(frame: pl.DataFrame, programme: str, month: date) -> None:
    """Raise Refused when somebody on the list stands in a live batch for the same programme, month and purpose."""
    rows, parameters = table_of({"person": "bigint", "purpose": "text", "place": "bigint"}, {
        "person": frame["person_key"].to_list(), "purpose": frame["purpose"].to_list(), "place": list(range(1, frame.height + 1)),
    })  # fmt: skip
    hits = fetch(  # `NOT (…)` as the index `paid_once` has it: SQLite takes a partial index only for its very condition
        f"SELECT r.place, l.batch_id FROM {rows} JOIN ledger_paymentline l ON l.person_key = r.person AND l.purpose = r.purpose"
        f" WHERE l.programme = %s AND l.month = %s AND NOT (l.state = '{PaymentLine.State.CANCELLED}') ORDER BY r.place",
        [*parameters, programme, month],
    )  # fmt: skip
    if hits:
        shown = [Fault(place, f"同一待遇同一月份同一事项已在批次 {batch} 中") for place, batch in hits[: Refused.SHOWN]]
        raise Refused(WHAT, shown, len(hits))


def with_payees(frame: pl.DataFrame) -> pl.DataFrame:
    """Names and accounts as they are stored (encrypted), and the state: parked when one of them is not known.

    A name that was not given is the registry's, taken over as it lies there: both are sealed under the same key.
    """
    keys = frame["person_key"].to_list()
    names = _names({key for key, name in zip(keys, frame["payee_name"], strict=True) if not name})
    given = iter(encrypt_many(name for name in frame["payee_name"] if name))
    sealed_names = [next(given) if name else names.get(key, "") for key, name in zip(keys, frame["payee_name"], strict=True)]
    accounts = encrypt_many(_accounts(frame))
    reasons = [
        "no_name" if not name else "no_account" if not account else ""
        for name, account in zip(sealed_names, accounts, strict=True)
    ]
    states = [str(PaymentLine.State.PARKED if reason else PaymentLine.State.PLANNED) for reason in reasons]
    return frame.with_columns(
        pl.Series("payee_name", sealed_names, pl.String), pl.Series("account", accounts, pl.String),
        pl.Series("reason", reasons, pl.String), pl.Series("state", states, pl.String),
    )  # fmt: skip


def _names(keys: set[int]) -> dict[int, str]:
    rows, parameters = table_of({"key": "bigint"}, {"key": sorted(keys)})
    if not keys:
        return {}
    return dict(fetch(f"SELECT p.person_key, p.name FROM registry_person p JOIN {rows} ON r.key = p.person_key", parameters))


def _accounts(frame: pl.DataFrame) -> list[str]:
    """The accounts given, and those that the channels know."""
    wanted: dict[str, list[int]] = {}
    for key, name, account in frame.select("person_key", "channel", "account").iter_rows():
        if not account:
            wanted.setdefault(name, []).append(key)
    known = {name: channel(name).counterpart.accounts_of(keys) for name, keys in wanted.items()}
    return [
        account or known[name].get(key, "") for key, name, account in frame.select("person_key", "channel", "account").iter_rows()
    ]
