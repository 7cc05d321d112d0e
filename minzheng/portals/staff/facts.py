"""Facts in words. A fact's value is made of codes by its contract's template; here it is read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from minzheng.kernel.feeds.contracts import Contract, FactRule, contracts
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.registry.masking import HIDDEN_FACTS
from minzheng.kernel.registry.models import Fact

AMOUNT_OF = {"pension": "/月", "unemployed": "/月", "assistance": "/月", "insured_employment": "/月缴费基数"}


@dataclass(frozen=True)
class FactLine:
    """One fact: words, amount, since when, from whom."""

    text: str
    amount: str
    since: str
    source: str
    as_of: date | None
    batch: str
    tone: str = ""

    @property
    def hint(self) -> str:
        return f"{self.text} {self.amount} {self.since} {self.source}".replace("  ", " ").strip()


def fact_line(fact: Fact) -> FactLine:
    """A fact for a page; of a hidden kind only that there is something."""
    if is_hidden(fact.kind):
        return FactLine("有敏感信息，不在此显示", "", "", "", None, "", "amber")
    since = f"{fact.valid_from} 起" if fact.valid_to is None else f"{fact.valid_from} 至 {fact.valid_to}"
    amount = "" if not fact.amount_fen else yuan(fact.amount_fen) + AMOUNT_OF.get(fact.kind, "")
    return FactLine(words(fact.kind, fact.value), amount, since, source_title(fact.source), fact.recorded_as_of, fact.source_batch)


def words(kind: str, value: str) -> str:
    """'disability', '4-2' → '残疾:肢体 二级'; codes that no contract knows stay as they are."""
    contract, rule = rules().get(kind, (None, None))
    if contract is None or rule is None:
        return f"{kind} {value}".strip()
    columns = re.findall(r"{(\w+)}", rule.value)
    pattern = re.sub(r"\\{\w+\\}", "(.+?)", re.escape(rule.value))
    match = re.fullmatch(pattern, value)
    if not match:
        return f"{rule.title}：{value}"
    return f"{rule.title}：{' '.join(_word(contract, c, code) for c, code in zip(columns, match.groups(), strict=True))}"


def title(kind: str) -> str:
    """The title of a kind of fact."""
    _contract, rule = rules().get(kind, (None, None))
    return rule.title if rule else kind


def is_hidden(kind: str) -> bool:
    """Whether of facts of this kind only their existence is shown."""
    return kind in HIDDEN_FACTS


def source_title(source: str) -> str:
    """'pensions' → '养老待遇(人社)'; other sources as they are."""
    contract = contracts().get(source)
    return f"{contract.title}（{'、'.join(contract.owner)}）" if contract else source


@cache
def rules() -> dict[str, tuple[Contract, FactRule]]:
    """The contract and rule that make each kind of fact."""
    return {rule.kind: (contract, rule) for contract in contracts().values() for rule in contract.facts}


def _word(contract: Contract, column: str, code: str) -> str:
    values = contract.columns[column].values if column in contract.columns else {}
    return values[code][0] if values.get(code) else code
