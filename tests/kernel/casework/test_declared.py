"""Service items are refused with file, place and reason when they are wrong; the shipped ones fit the rules and roles of the house."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from minzheng.kernel.benefits.awards import AWARD_INPUTS
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.casework import catalogue, forms
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.items import RUNGS, Version, read_bundle, read_item
from minzheng.kernel.casework.rights import LEVEL_RUNGS
from minzheng.kernel.casework.verbs import CAPABILITY, COMPLETES, STATES, VERBS
from minzheng.kernel.casework.weighing import inputs_by_name
from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.foundation.access import capabilities, roles
from minzheng.kernel.foundation.declared import DeclarationError
from minzheng.kernel.registry.documents.formats import KINDS

SMALL = """title: 试验
summary: 试验
law: [某法]
applicants: {self: true}
versions:
  - from: 2024-01-01
    source: 某文件
    status: unverified
    form:
      schema: {type: object, required: [name], properties: {name: {type: string, title: 姓名}, ill: {type: boolean, title: 患病}}}
      order: {您是谁: [name, ill]}
    materials: [{name: proof, title: 证明, when: {field: ill, equals: true}}]
    steps:
      - {name: accept, kind: accept, title: 受理, days: 3, after: submitted}
      - {name: decide, kind: decide, title: 决定, role: district_official, days: 5}
    decision: {kinds: [grant, refuse]}
"""
WRONG = {
    "unknown role": ("role: district_official", "role: mayor", r"第 15 行 versions.0.steps.1.role.*mayor"),
    "unknown key": ("days: 5}", "days: 5, hours: 2}", r"第 15 行 .*hours.*不认识"),
    "days that are none": ("days: 3", "days: 0", r"第 14 行 versions.0.steps.0.days:应是 1 到"),
    "a field that is not ordered": ("[name, ill]}", "[name]}", r"order 里没有的字段：ill"),
    "a field nobody knows": ("field: ill", "field: sick", r"材料条件里不认识的字段：sick"),
    "a keyword nobody enforces": ("title: 患病", "title: 患病, uniqueItems: true", r"schema.ill：不认识 uniqueItems"),
    "a decision nobody knows": ("kinds: [grant, refuse]", "kinds: [grant, perhaps]", r"perhaps"),
    "a check without consent": ("kind: decide, title: 决定", "kind: check, title: 核对", r"authorisation"),
    "no decision": ("- {name: decide, kind: decide, title: 决定, role: district_official, days: 5}", "- {name: plan, kind: plan, title: 计划, days: 5}", "没有决定环节"),
    "first step": ("kind: accept, title: 受理", "kind: propose, title: 意见", "第一个环节应为受理"),
    "a date that is none": ("from: 2024-01-01", "from: 2024-02-30", "不存在的日期"),
    "a notice without fields": ("kind: decide, title: 决定, role", "kind: publicity, title: 公示, role", "fields"),
    "an order": ("decision: {kinds: [grant, refuse]}", "decision: {kinds: [grant, refuse]}\n    outcome: {grant: {order: {service: home_care, quantity: 20}}}", "服务供给（kernel/provision）还没有安装"),
    "a bound of no payment": ("decision: {kinds: [grant, refuse]}", "decision: {kinds: [grant, refuse]}\n    outcome: {grant: {fact: x, up_to: y}}", "只用于 payment"),
    "outcome of nothing": ("decision: {kinds: [grant, refuse]}", "decision: {kinds: [grant, refuse]}\n    outcome: {grant: {}}", "一项"),
    "twice": ("title: 试验", "title: 试验\ntitle: 再来", "写了两次"),
    "an empty time": ("from: 2024-01-01", "from: 2024-01-01\n    to: 2024-01-01", "有效期是空的"),
}  # fmt: skip


def written(folder: Path, text: str, name: str = "trial.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("fault", list(WRONG))
def test_what_is_wrong_is_named(fault: str, tmp_path: Path) -> None:
    old, new, words = WRONG[fault]
    assert SMALL.count(old) >= 1
    with pytest.raises(DeclarationError, match=words) as caught:
        read_item(written(tmp_path, SMALL.replace(old, new, 1)))
    assert "trial.yaml" in str(caught.value)


def test_a_right_file_is_read_and_versions_meet(tmp_path: Path) -> None:
    item = read_item(written(tmp_path, SMALL))
    assert item.name == "trial" and item.versions[0].holds_on(date(2024, 1, 1)) and not item.versions[0].holds_on(date(2023, 12, 31))
    body = SMALL.split("versions:\n")[1]
    gap = SMALL.replace("from: 2024-01-01", "from: 2024-01-01\n    to: 2024-05-01") + body.replace("2024-01-01", "2024-05-02")
    with pytest.raises(DeclarationError, match="重叠或有空档：2024-05-01 与 2024-05-02"):
        read_item(written(tmp_path, gap))
    met = read_item(written(tmp_path, gap.replace("2024-05-02", "2024-05-01")))
    assert [version.holds_on(date(2024, 5, 1)) for version in met.versions] == [False, True]
    with pytest.raises(LookupError, match="2019-01-01"):
        met.version("2019-01-01")


def test_two_packs_cannot_use_one_name(tmp_path: Path) -> None:
    for pack in ("a", "b"):
        (tmp_path / pack).mkdir()
        written(tmp_path / pack, SMALL)
    with pytest.raises(DeclarationError, match="trial"):
        catalogue.read_items([tmp_path / "a", tmp_path / "b"])


def test_a_bundle_names_items_and_fields_that_there_are(tmp_path: Path) -> None:
    text = """title: 套餐
summary: 套餐
bundle: true
law: [某法]
form:
  schema: {type: object, properties: {name: {type: string, title: 姓名}}}
  order: {您是谁: [name]}
items: [{item: minimum_living, fields: {name: wrong}}, {item: nothing}]
"""
    bundle = read_bundle(written(tmp_path, text))
    with pytest.raises(DeclarationError, match="wrong"):
        catalogue.check_bundle(bundle, catalogue.items(), "trial.yaml")
    with pytest.raises(DeclarationError, match="nothing"):
        catalogue.check_bundle(bundle.model_copy(update={"items": bundle.items[1:]}), catalogue.items(), "trial.yaml")


VERSIONS = [pytest.param(version, id=f"{name}-{version.from_}") for name, item in catalogue.items().items() for version in item.versions]


@pytest.mark.parametrize("version", VERSIONS)
def test_shipped_items_fit_the_house(version: Version) -> None:
    known = inputs_by_name()
    if version.rule:
        use = version.rule
        assert use.programme in programmes()
        assert set(use.assumed) | set(use.declared) | set(use.of_members) | ({use.paid_before} - {""}) <= set(known)
        assert set(use.checked) <= set(use.declared) and (not use.season or use.season in programmes()[use.programme].rule.parameters.names())
        assert set(use.declared.values()) <= set(version.form.fields)
        members = version.form.fields.get("members", {}).get("items", {}).get("properties", {})
        assert set(use.of_members.values()) <= set(members)
    for outcome in version.outcome.values():
        assert not outcome.award or outcome.award in AWARD_INPUTS
        assert set(outcome.end) | set(outcome.revise) <= set(AWARD_INPUTS)
        if outcome.up_to or outcome.needs_rule:
            assert version.rule and version.rule.programme == outcome.payment
            assert not outcome.up_to or outcome.up_to in {step.name for step in programmes()[outcome.payment].rule.steps}
        assert not outcome.payment or programmes()[outcome.payment].kind == "one_off"
        assert len(outcome.fact) <= 32
    feeds = set(version.authorisation.scope) if version.authorisation else set()
    assert feeds <= set(contracts())
    for material in version.materials:
        assert set(material.verified_by) <= feeds and material.kind in KINDS
    assert set(version.form.prefill.values()) <= set(forms.SOURCES)


def test_bundles_are_sound_and_situations_are_found() -> None:
    assert list(catalogue.bundles()) == ["hardship_in_one"]
    assert {each.name for each in catalogue.for_situation("accident", date(2026, 8, 1))} >= {"temporary_assistance", "nonlocal_household"}
    with pytest.raises(CaseError, match="2010-01-01"):
        catalogue.item_at("minimum_living", date(2010, 1, 1))
    assert [each.name for each in catalogue.scheduled(date(2026, 6, 30))].count("minimum_living") == 1


def test_words_for_everything() -> None:
    assert {name: LEVEL_RUNGS[roles()[name].level] for name in RUNGS} == RUNGS
    assert set(CAPABILITY) <= set(VERBS) and set(CAPABILITY.values()) <= set(capabilities()) and set(COMPLETES.values()) <= set(VERBS)
    assert all(len(name) <= 12 for name in {*STATES, *VERBS})


def test_typed_answers_from_texts() -> None:
    form = catalogue.item_at("minimum_living", date(2024, 6, 3)).version.form
    answers, faults = forms.parse(form, {"business_income_fen": "1,200.5", "owns_vehicle": "on", "financial_assets_fen": "很多", "nothing": "x", "members": [{"name": " 甲 ", "relation": "head"}]})
    assert answers == {"business_income_fen": 120050, "owns_vehicle": True, "members": [{"name": "甲", "relation": "head"}]}
    assert [fault.field for fault in faults] == ["financial_assets_fen"]
    assert "vehicle_use" in forms.visible(form, answers) and "vehicle_use" not in forms.visible(form, {})
