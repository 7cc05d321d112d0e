"""A programme that contradicts itself is refused; packs that mean different things by one word are, too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from minzheng.kernel.benefits import programmes as registry
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.benefits.programmes import inputs, programme, programmes
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.foundation.packs import ManifestError
from minzheng.kernel.rules.language import Clause, Month, Rule, amount, condition, values_of

LAW = Clause("某办法")
SHARES = """
shares:
  title: 资金分担
  unit: table
  values: [{value: {%s}, from: 2020-01-01, source: 某文件, status: confirmed}]
"""


def rule(folder: Path, shares: str = "city: 40, district: 60", pays: bool = True) -> Rule:
    path = folder / "parameters.yaml"
    path.write_text(SHARES % shares, encoding="utf-8")
    steps: tuple[Any, ...] = (condition("all", "人人", LAW, lambda c, t: c["person_key"] > 0),)
    if pays:
        steps += (amount("sum", "金额", LAW, lambda c, t: c["person_key"]),)
    return Rule(
        "some", "某项", "person", (LAW,), Parameters(path), (), lambda c, t: c["person_key"] > 0, steps
    )


def made(folder: Path, **changes: Any) -> Programme:
    usual: dict[str, Any] = {
        "kind": "categorical",
        "start": "automatic",
        "pays": "monthly",
        "purse": "某科目",
        "shares": "shares",
    }
    return Programme(changes.pop("rule", None) or rule(folder), **{**usual, **changes})


def test_what_it_tells(tmp_path: Path) -> None:
    some = made(tmp_path)
    assert (some.name, some.title, some.application_free) == ("some", "某项", True)
    assert not made(tmp_path, start="award").application_free
    assert not made(tmp_path, kind="means_tested").application_free
    assert some.split(values_of(some.rule, Month.of("2024-01"))) == {"city": 40, "district": 60}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "status"}, "身份认定不发钱"), ({"kind": "one_off"}, "一次性待遇按次发放"), ({"pays": "once"}, "一次性待遇按次发放"),
        ({"purse": " "}, "要写明科目"), ({"shares": "nothing"}, "资金分担比例 'nothing'"),
    ],
)  # fmt: skip
def test_contradictions(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(tmp_path, **changes)


def test_money_without_an_amount(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="其他各类必须有金额步骤"):
        made(tmp_path, rule=rule(tmp_path, pays=False))
    assert (
        made(tmp_path, rule=rule(tmp_path, pays=False), kind="status", purse="", shares="").pays == "monthly"
    )


@pytest.mark.parametrize(
    "shares", ["city: 40, district: 50", "city: 40, town: 60", "city: 140, district: -40"]
)
def test_shares_that_are_none(tmp_path: Path, shares: str) -> None:
    some = made(tmp_path, rule=rule(tmp_path, shares))
    with pytest.raises(ValueError, match="合计 100"):
        some.split(values_of(some.rule, Month.of("2024-01")))


def test_the_registry_names_what_there_is() -> None:
    assert programme("longevity_allowance").title == "尊老金"
    assert programme("longevity_allowance").application_free
    with pytest.raises(LookupError, match="没有待遇项目“pension”，可用：.*longevity_allowance"):
        programme("pension")
    assert set(inputs()) >= {each.name for each in programme("nursing_subsidy").rule.inputs}


def test_two_packs_that_mean_different_things(monkeypatch: pytest.MonkeyPatch) -> None:
    some = programme("nursing_subsidy")
    other = replace(
        some.rule, inputs=tuple(replace(each, label=each.label + "?") for each in some.rule.inputs)
    )
    both = {**programmes(), "other": replace(some, rule=other)}
    monkeypatch.setattr(registry, "programmes", lambda: both)
    with pytest.raises(ManifestError, match="写得不一样"):
        inputs.__wrapped__()
