"""A case in words: answers as people read them (what identifies somebody masked), clocks with how they were counted, what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.casework import queries
from minzheng.kernel.casework.clocks import Clock
from minzheng.kernel.casework.items import Form, Service
from minzheng.kernel.casework.parts import KINDS
from minzheng.kernel.casework.state import Standing
from minzheng.kernel.divisions.queries import path_name
from minzheng.kernel.foundation import clock as days
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.registry.masking import mask_address, mask_id, mask_name, mask_phone
from minzheng.portals.staff.timelines import Entry

UNITS = {"working": "个工作日", "calendar": "日"}
MASKS = {"person.name": mask_name, "person.id_number": mask_id, "person.phone": mask_phone, "household.address": mask_address}
FORMATS = {"id_number": mask_id, "phone": mask_phone}
SAID = {
    "findings": "", "statement": "", "explanation": "", "opinion": "", "because": "", "plan": "", "result": "", "reasons": "理由：",
    "met": "见到：", "relative": "近亲属：", "relation": "关系：", "filing": "",
}  # fmt: skip
ENTRY_TONES = {"decide": "green", "climb": "red", "lapse": "red", "breach": "red", "decline": "red", "open": "grey", "remind": "grey", "outcome": "green"}
MODES = {"missing": ("缺", "red"), "provided": ("已收到", "green"), "promised": ("告知承诺", "blue"), "later": ("容缺后补", "amber"), "verified": ("由数据核验，不用交", "green")}


def masker(form: Form, name: str) -> Any:
    """The function that masks a field's answer, None for one that identifies nobody."""
    return MASKS.get(form.prefill.get(name, "")) or FORMATS.get(form.fields.get(name, {}).get("format", ""))


def value_words(schema: Mapping[str, Any], value: Any) -> str:
    """An answer as people read it."""
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if schema.get("format") == "fen" and isinstance(value, int):
        return yuan(value)
    if "enum" in schema and value in schema["enum"]:
        return str(schema.get("enum_titles", schema["enum"])[schema["enum"].index(value)])
    if isinstance(value, list):
        return "、".join(value_words(schema.get("items", {}), each) for each in value)
    return str(value)


@dataclass(frozen=True)
class Answer:
    """A line of the comparison: what is asked, what the applicant says, what the data say, what was seen at the door."""

    title: str
    said: str
    told: str
    seen: str
    differs: bool
    heads: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


def answers(form: Form, compared: list[queries.Compared]) -> list[tuple[str, list[Answer]]]:
    """The comparison by the pages of the form."""
    found = {each.field: each for each in compared}
    pages = []
    for title, names in form.order.items():
        lines = [_answer(form, found[name]) for name in names if name in found]
        if lines:
            pages.append((title, lines))
    return pages


def _answer(form: Form, each: queries.Compared) -> Answer:
    schema = form.fields[each.field]
    if schema["type"] == "array" and schema["items"].get("type") == "object":
        inner = schema["items"].get("properties", {})
        groups = each.said if isinstance(each.said, list) else []
        shown = [name for name in inner if any(group.get(name) not in (None, "") for group in groups)]
        table = tuple(tuple(_masked_inner(inner, name, group.get(name)) for name in shown) for group in groups)
        return Answer(each.title, f"{len(groups)} 人" if "relation" in inner else f"{len(groups)} 项", each.told, "", each.differs,
                      tuple(inner[name]["title"] for name in shown), table)  # fmt: skip
    mask = masker(form, each.field)
    said, seen = (value_words(schema, value) for value in (each.said, each.seen))
    return Answer(each.title, mask(said) if mask and said else said, each.told, mask(seen) if mask and seen else seen, each.differs)


def _masked_inner(inner: Mapping[str, Any], name: str, value: Any) -> str:
    words = value_words(inner[name], value)
    mask = FORMATS.get(inner[name].get("format", "")) or (mask_name if name == "name" else None)
    return str(mask(words)) if mask and words else words


@dataclass(frozen=True)
class ClockLine:
    """A clock and how it was counted."""

    clock: Clock
    how: str


def clock_lines(service: Service, standing: Standing) -> list[ClockLine]:
    """Every running clock of the case with its reckoning in words."""
    steps = {step.name: step for step in standing.road}
    limit, found = service.version.limit, []
    for each in standing.clocks:
        rule = steps.get(each.name) or (limit if each.name == "limit" else None)
        count = f"{rule.days} {UNITS[rule.unit]}" if rule else ""
        if rule is not None and rule is steps.get(each.name) and steps[each.name].kind in ("publicity", "announce"):
            count = f"{steps[each.name].post_within} 个工作日内张榜"
        parts = [f"{each.started_on} 起算，次日为第 1 日", count]
        if each.extended:
            parts.append(f"已延长 {each.extended} {UNITS[rule.unit] if rule else '日'}")
        if each.stopped_since:
            parts.append(f"自 {each.stopped_since} 起停钟，恢复后接着数")
        elif rule and rule.unit == "working":
            parts.append("不含周末和法定节假日，停钟的日子不算")
        found.append(ClockLine(each, "；".join(part for part in parts if part)))
    return found


def entries(service: Service, history: list[queries.Entry]) -> list[Entry]:
    """What was done, for the timeline."""
    return [Entry(each.on, each.title, _detail(service, each), each.by, ENTRY_TONES.get(each.verb, "")) for each in history]


def _detail(service: Service, each: queries.Entry) -> str:
    parts = [each.note] if each.note else []
    if each.details.get("deviates"):
        parts.append("与规则测算不一致")
    told = {name: words for name, words in each.content.items() if name in SAID and isinstance(words, str) and words}
    if told.get("explanation") and told["explanation"] in told.get("reasons", ""):
        del told["explanation"]  # the reasons end with it
    parts += [f"{label}{told[name]}" for name, label in SAID.items() if name in told]
    if missing := each.content.get("missing"):
        parts.append("；".join(f"{line['title']}：{line['text']}" for line in missing))
    if with_whom := each.content.get("with"):
        parts.append(f"同行 {'、'.join(with_whom)}")
    if confirmed := each.content.get("confirmed"):
        fields = service.version.form.fields
        parts.append("所见：" + "，".join(f"{fields[name]['title']} {value_words(fields[name], value)}" for name, value in confirmed.items() if name in fields))
    parts += _came_of(each.details) if each.verb == "outcome" else []
    if each.verb == "transfer":
        parts = [part for part in parts if part] or [path_name(each.details.get("to", ""), days.business_date())]
    return "；".join(dict.fromkeys(part for part in parts if part))


def _came_of(details: Mapping[str, Any]) -> list[str]:
    """What a decision did in the other rooms."""
    since = f"自 {details['since']} 起" if details.get("since") else ""
    if details.get("programme"):
        known = programmes().get(details["programme"])
        return [f"{known.title if known else details['programme']}，{since}享受"]
    if details.get("batch"):
        return [f"{yuan(details['amount_fen'])} 已列入支付批次 {details['batch']}，待审批"]
    if details.get("fact"):
        return [f"登记身份，{since}"]
    return [f"{len(details['ended'])} 项待遇至 {details['until']} 止"] if "ended" in details else []


def decision_words(kind: str) -> str:
    """The words for a kind of decision."""
    return KINDS.get(kind, kind)
