"""What a programme is: a rule, and how what it gives begins, is paid and is funded. Free of Django.

    PROGRAMME = Programme(RULE, kind="categorical", start="automatic", pays="monthly", purse="尊老金", shares="fund_shares")
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from minzheng.kernel.foundation.dated import Values
from minzheng.kernel.rules.language import Clause, Rule

Kind = Literal["categorical", "means_tested", "status", "one_off"]
Start = Literal["automatic", "award"]
Pays = Literal["monthly", "once"]
LEVELS = {"centre": "中央", "province": "省级", "city": "市级", "district": "区县级"}


@dataclass(frozen=True)
class Gradual:
    """渐退期 of a programme: the inputs of its rule that say since when (`since`) and from which monthly amount (`amount`) it
    fades, the parameter that says for how many months, and the clause."""

    since: str
    amount: str
    months: str
    clause: Clause


@dataclass(frozen=True)
class Programme:
    """One programme. kind: categorical (by age, disability …), means_tested (a cut or stop opens a review), status (no
    money) or one_off (an amount for one grant); start: automatic, without an application (免申即享), or after an award;
    purse: 科目名 of the fund it is paid from; shares: the parameter of the rule that splits the money over the levels of
    LEVELS in percent; gradual: its 渐退期, if it has one. ValueError (in Chinese) where these contradict each other."""

    rule: Rule
    kind: Kind
    start: Start
    pays: Pays
    purse: str
    shares: str
    gradual: Gradual | None = None

    def __post_init__(self) -> None:
        if (self.kind == "status") == self.rule.pays:
            raise ValueError(f"待遇项目“{self.title}”：身份认定不发钱，其他各类必须有金额步骤")
        if (self.kind == "one_off") != (self.pays == "once"):
            raise ValueError(f"待遇项目“{self.title}”：一次性待遇按次发放，其他各类按月")
        if self.rule.pays and (not self.purse.strip() or self.shares not in self.rule.parameters.names()):
            raise ValueError(f"待遇项目“{self.title}”：要发钱，就要写明科目，并在参数文件里给出资金分担比例 {self.shares!r}")
        if fading := self.gradual:
            missing = [name for name in (fading.since, fading.amount) if name not in {each.name for each in self.rule.inputs}]
            if missing or fading.months not in self.rule.parameters.names():
                raise ValueError(f"待遇项目“{self.title}”：渐退期所用的 {'、'.join(missing) or fading.months} 不在规则里")

    @property
    def name(self) -> str:
        """The code name, which is the rule's."""
        return self.rule.name

    @property
    def title(self) -> str:
        """The name in Chinese, which is the rule's."""
        return self.rule.title

    @property
    def application_free(self) -> bool:
        """Whether it begins without an application (免申即享)."""
        return self.kind == "categorical" and self.start == "automatic"

    def split(self, values: Values) -> dict[str, int]:
        """Level → percent of the money that it bears; they add up to 100, else ValueError (in Chinese)."""
        shares = {level: share for level, share in values[self.shares].dated.value.items() if share}
        if set(shares) - set(LEVELS) or sum(shares.values()) != 100 or min(shares.values()) < 0:
            raise ValueError(f"待遇项目“{self.title}”的资金分担比例应为 {'、'.join(LEVELS)} 的百分数，合计 100")
        return shares
