"""The tables and charts of a report from its frozen figures: heads and cells as texts, the same for every kind of paper."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.indicators.reports.words import Block, plain

Json = dict[str, Any]
MOST_BARS = 24


def laid_out(blocks: list[Block], figures: Json) -> list[Block]:
    """Tables and charts by name become heads, rows and bars."""
    found = []
    for block in blocks:
        if block["kind"] == "table":
            of = block.pop("of", None)
            rows = _TABLES.get(block["name"].split(".")[-1], _board)(figures, of)
            found.append({"kind": "table", "head": rows[0], "rows": [[plain(cell) for cell in row] for row in rows[1:]], "widths": _widths(rows)})
        elif block["kind"] == "chart":
            found.append({"kind": "chart", "title": "量化目标完成情况（占目标数的比例）", "bars": _bars(figures)})
        else:
            found.append(block)
    return found


def targets_of(figures: Json) -> list[tuple[Json, Json]]:
    """(item, target) in the plan's order."""
    return [(item, target) for chapter in figures["chapters"] for item in chapter["items"] for target in item["targets"]]


def _targets(figures: Json, _of: Any) -> list[list[str]]:
    rows = [["编号", "量化目标", "目标数", "完成数", "来源", "状态"]]
    for _item, target in targets_of(figures):
        rows.append([target["code"], target["verbatim"], target["goal_shown"], target["shown"], target["source_title"], target["state_title"]])
    return rows


def _late(figures: Json, _of: Any) -> list[list[str]]:
    rows = [["项", "节点或子任务", "期限", "逾期天数", "责任"]]
    for each in figures["late"]:
        rows.append([str(each["item"]), each["title"], each["due"] + ("" if each["verified"] else "（待核实）"), str(each["days"]), each["owner"]])
    return rows


def _statistics(_figures: Json, of: Any) -> list[list[str]]:
    rows = [["项目", "月末对象", "新增", "退出", "覆盖人数", "户数", "付讫金额", "退回未到账"]]
    for row in of["rows"]:
        units = [f"{row[name]:,}" if row["programme"] else "—" for name in ("units_end", "begun", "ended")]
        rows.append([row["title"], *units, f"{row['persons']:,}", f"{row['households']:,}", yuan(row["paid_fen"]), yuan(row["refused_fen"])])
    return rows


def _towns(_figures: Json, of: Any) -> list[list[str]]:
    rows = [["镇（街道）", "覆盖人数", "户数", "付讫金额", "退回未到账"]]
    return rows + [[r["title"], f"{r['persons']:,}", f"{r['households']:,}", yuan(r["paid_fen"]), yuan(r["refused_fen"])] for r in of]


def _board(_figures: Json, of: Any) -> list[list[str]]:
    rows = [["板块", "完成数", "分子", "分母"]]
    for each in of:
        counts = ["—" if each[name] is None else f"{each[name]:,}" for name in ("numerator", "denominator")]
        rows.append([each["title"], each["shown"], *counts])
    return rows


def _widths(rows: list[list[str]]) -> list[int]:
    """How the columns share the width: by their longest text, within reason."""
    return [max(4, min(22, max(sum(2 if ord(sign) > 255 else 1 for sign in plain(row[at])) for row in rows))) for at in range(len(rows[0]))]


def _bars(figures: Json) -> list[Json]:
    found = []
    for _item, target in targets_of(figures):
        if target["share_of_goal"] is not None:
            share, expected = Decimal(target["share_of_goal"]), target["expected_share"]
            found.append({
                "label": plain(f"{target['code']} {target['verbatim']}"), "share": float(min(share, Decimal(1))), "text": f"{share * 100:.0f}%　{target['shown']}",
                "expected": float(expected) if expected is not None else None, "state": target["state"], "typed": target["source"] == "reported",
            })  # fmt: skip
    return found[:MOST_BARS]


_TABLES = {"targets": _targets, "late": _late, "statistics": _statistics, "towns": _towns}
