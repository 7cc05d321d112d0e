"""What a visit can find and lead to (facts §2.5): codes, the words officials read, and how each counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Counting = Literal["helped", "not_needed", "not_counted"]


@dataclass(frozen=True)
class Outcome:
    """`counting`: helped (the alert was right), not_needed (it was not), not_counted (nobody could tell).

    `unseen` marks what may be known without having met anybody of the household. `by`: found on a visit, or by officials who
    looked into the files of a household that is helped already.
    """

    name: str
    title: str
    counting: Counting
    unseen: bool = False
    by: Literal["visit", "office"] = "visit"

    def fits_files(self, in_doubt: bool) -> bool:
        """Whether an alert may be closed with it without a visit; `in_doubt`: one that officials look into."""
        return self.by == "office" or self.counting == "not_counted" if in_doubt else self.by == "visit"


OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome("low_income", "纳入低保", "helped"),
        Outcome("borderline", "纳入低保边缘", "helped"),
        Outcome("temporary_aid", "临时救助", "helped"),
        Outcome("charity", "慈善帮扶", "helped"),
        Outcome("no_need", "无需救助", "not_needed"),
        Outcome("deceased", "已去世", "not_counted", unseen=True),
        Outcome("moved_out", "户籍迁出", "not_counted", unseen=True),
        Outcome("moved", "已搬走", "not_counted", unseen=True),
        Outcome("not_found", "未找到", "not_counted", unseen=True),
        Outcome("benefit_ended", "查实，停发或追回", "helped", unseen=True, by="office"),
        Outcome("benefit_changed", "查实，重新核定待遇", "helped", unseen=True, by="office"),
        Outcome("in_order", "核查无误，待遇不变", "not_needed", unseen=True, by="office"),
    )
}

MET: dict[str, str] = {"self": "本人", "family": "家属", "neighbour": "邻居或村(居)干部", "nobody": "未见到人"}

SITUATIONS: dict[str, str] = {
    "income_lost": "失去主要收入",
    "medical_burden": "医疗负担重",
    "cannot_work": "无劳动能力",
    "cannot_self_care": "生活不能自理",
    "minor_unattended": "有未成年人无人照料",
    "elder_unattended": "有老人无人照料",
    "housing_unsafe": "住房不安全",
    "debt": "有大额负债",
    "cannot_apply": "本人申请能力不足，需代办",
    "supported_by_kin": "有亲属供养",
}

NEEDS: dict[str, str] = {
    "living": "基本生活",
    "medical": "医疗救助",
    "education": "教育救助",
    "housing": "住房救助",
    "employment": "就业帮扶",
    "care": "照料护理",
    "legal": "法律援助",
    "emotional": "心理慰藉",
    "none": "暂无需要",
}
