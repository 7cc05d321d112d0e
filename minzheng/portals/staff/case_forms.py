"""What officials fill in for each verb of a case. The room checks again; here the form says it at the field."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from minzheng.kernel.casework import queries
from minzheng.kernel.casework.actions.checking import HOW
from minzheng.kernel.casework.actions.receiving import DECLINE_REASONS
from minzheng.kernel.casework.actions.remedies import PAUSES
from minzheng.kernel.casework.items import GIVING, KINDS, Service
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.state import Standing
from minzheng.kernel.casework.weighing import Weighed
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.money import fen, yuan
from minzheng.kernel.registry.masking import mask_name

PICK = {"required": "请选择一项"}
MEASURES = 4  # lines for measures of a plan
Fields = dict[str, forms.Field]


@dataclass(frozen=True)
class Here:
    """A case as its page and its forms see it."""

    case: Case
    service: Service
    standing: Standing
    verbs: frozenset[str]
    actor: Actor
    weighed: Weighed | None = None

    def people(self) -> list[Any]:
        """Who can take the case: those whose step is open first, then the least burdened."""
        return queries.assignees(self.case, self.actor)


class YuanField(forms.CharField):
    """An amount that is typed in yuan and kept in 分."""

    def clean(self, value: Any) -> Any:
        """The amount in 分; None when nothing was typed."""
        text = super().clean(value).replace(",", "").removeprefix("¥").strip()
        if not text:
            return None
        try:
            return fen(text)
        except ValueError as wrong:
            raise forms.ValidationError("不是金额，请写成 1200 或 1200.50") from wrong


def act_form(verb: str, here: Here, data: Any = None, files: Any = None) -> forms.Form:
    """The form of a verb for a case, empty or with what was sent; holds the version against which it is filled in."""
    first: Fields = {
        "version": forms.IntegerField(widget=forms.HiddenInput),
        "form_token": forms.CharField(widget=forms.HiddenInput, max_length=64),
    }  # fmt: skip
    made = type(f"{verb.title()}Form", (forms.Form,), {**first, **FIELDS[verb](here)})
    initial = {"version": here.case.version, "form_token": uuid.uuid4().hex}
    form: forms.Form = made(data, files, initial=initial, auto_id=f"id_{verb}_%s")
    for field in form.fields.values():
        _dress(field)
    return form


def _dress(field: forms.Field) -> None:
    widget = field.widget
    if isinstance(widget, forms.Select) and not isinstance(widget, forms.RadioSelect):
        widget.attrs.setdefault("class", "form-select")
    elif not isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.CheckboxInput | forms.HiddenInput):
        widget.attrs.setdefault("class", "form-control")


def text(label: str, help_text: str = "", rows: int = 3, required: bool = True, most: int = 2000) -> forms.CharField:
    """A field for words."""
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=most, widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": f"请写明{label}"},
    )  # fmt: skip


def choice(label: str, options: Any, help_text: str = "", radio: bool = False, required: bool = True, initial: Any = None) -> forms.ChoiceField:
    """One of several."""
    listed = list(options)
    if not radio and (not required or len(listed) != 1):
        listed = [("", "请选择"), *listed]
    return forms.ChoiceField(
        label=label, choices=listed, help_text=help_text, required=required, initial=initial, error_messages=PICK,
        widget=forms.RadioSelect if radio else forms.Select,
    )  # fmt: skip


def day(label: str, initial: date | None = None) -> forms.DateField:
    """A date."""
    return forms.DateField(
        label=label, initial=initial, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": f"请填写{label}", "invalid": "日期请写成 2024-05-31"},
    )  # fmt: skip


def _materials(here: Here, modes: tuple[str, ...], only: str = "") -> list[tuple[str, str]]:
    found = [each for each in here.standing.materials if each.mode in modes and (not only or getattr(each, only))]
    return [(each.name, each.title) for each in found]


def _accept(here: Here) -> Fields:
    fields: Fields = {}
    if here.service.version.urgent:
        help_text = "先行救助：先办先付，手续后补"
        fields["urgent"] = forms.BooleanField(label=f"急难：{here.service.version.urgent.title}", required=False, help_text=help_text)
    return {**fields, "note": forms.CharField(label="说明", required=False, max_length=500)}


def _return(here: Here) -> Fields:
    lacking = {name for name, _title in _materials(here, ("missing",))}
    known = [(each.name, each.title) for each in here.standing.materials if each.mode != "verified"]
    known += [(name, field["title"]) for name, field in here.service.version.form.fields.items()]
    return {
        f"missing_{name}": forms.CharField(
            label=title, required=False, max_length=200, initial=f"请提交{title}" if name in lacking else "",
            help_text="还没有交" if name in lacking else "",
        )
        for name, title in known
    }  # fmt: skip


def _kinds(here: Here, kinds: tuple[str, ...]) -> Fields:
    """Kind, amount and class of a proposal or decision, filled in with what the rule says."""
    weighed, version = here.weighed, here.service.version
    told = here.standing.proposal
    first = told.kind if told else ""
    if not first and weighed:
        first = next((kind for kind in kinds if (kind in GIVING or kind == "keep") == weighed.eligible), "")
    fields: Fields = {"kind": choice("决定" if told else "意见", [(kind, KINDS[kind]) for kind in kinds], radio=True, initial=first)}
    if any(outcome.payment for outcome in version.outcome.values()):
        amount = told.amount_fen if told and told.amount_fen else (weighed.amount_fen if weighed else None)
        shown = yuan(amount).removeprefix("¥") if amount else ""
        fields["amount_fen"] = YuanField(label="金额（元）", required=False, initial=shown, help_text="同意的填写；与规则测算不同的要写明理由", max_length=16)
    if version.decision.classes:
        classes = [(name, f"{name} 类（{months} 个月复核一次）") for name, months in version.decision.classes.items()]
        fields["class_"] = choice("家庭类别", classes, "同意的选择，决定多久复核一次", required=False)
    return fields


def _propose(here: Here) -> Fields:
    return {**_kinds(here, here.service.version.decision.kinds), "opinion": text("审核意见", "与规则测算不一致的，写明理由：会随案保存并显示")}


def _decide(here: Here) -> Fields:
    fields = _kinds(here, tuple(kind for kind in here.service.version.decision.kinds if kind in here.standing.decidable))
    reasons = here.service.version.decision.reasons
    if reasons:
        fields["reason_codes"] = forms.MultipleChoiceField(
            label="理由", choices=list(reasons.items()), required=False, widget=forms.CheckboxSelectMultiple, help_text="不同意、减少、终止的必选，书面告知申请人"
        )
    return {**fields, "explanation": text("说明", "与规则测算不一致的必填：理由随决定保存，并告诉申请人", required=False)}


def _plan(here: Here) -> Fields:
    fields: Fields = {"summary": text("家庭情况和帮扶目标")}
    for number in range(1, MEASURES + 1):
        must = number == 1
        fields[f"title_{number}"] = forms.CharField(label=f"措施 {number}", required=must, max_length=128, error_messages={"required": "至少写一项措施"})
        fields[f"owner_{number}"] = forms.CharField(label=f"措施 {number} 责任人或单位", required=must, max_length=64)
        fields[f"due_{number}"] = day(f"措施 {number} 完成日期")
        fields[f"due_{number}"].required = must
    return fields


def _authorise(here: Here) -> Fields:
    lacking = [(each.person.pk, mask_name(each.person.name)) for each in queries.consents(here.case, here.actor) if each.authorisation is None]
    return {
        "person": choice("谁签的", lacking, "申请人和共同生活的成年家庭成员，每人一份"),
        "signed_how": choice("签署方式", HOW.items(), radio=True, initial="paper"),
        "signature": forms.CharField(label="授权书编号或存放处", required=False, max_length=200),
    }  # fmt: skip


def _revoke(here: Here) -> Fields:
    live = [(each.authorisation.pk, mask_name(each.person.name)) for each in queries.consents(here.case, here.actor) if each.authorisation]
    return {"authorisation": choice("撤回谁的授权", live), "because": forms.CharField(label="原因", required=False, max_length=128)}


def _assign(here: Here) -> Fields:
    people = [(user.pk, f"{user.full_name} · {roles()[user.role].title} · 在办 {user.open_cases}") for user in here.people()]
    return {"to": choice("派给", people, "只列辖区覆盖办理地的人员"), "note": forms.CharField(label="交办说明", required=False, max_length=200)}


def _extend(here: Here) -> Fields:
    titles = {step.name: step.title for step in here.standing.road} | {"limit": "全程办理期限"}
    return {"target": choice("延长哪个期限", [(name, titles.get(name, name)) for name in here.standing.extendable]), "because": text("延长的原因", "会告诉申请人", 2)}


def _take_down(here: Here) -> Fields:
    hanging = here.standing.hanging
    early = hanging is not None and clock.business_date() <= hanging.until
    told = f"应张榜至 {hanging.until}：提前撤下要写原因，公示视为没有做" if early and hanging else ""
    return {"because": text("撤下的原因", told, 2, required=early)}


def _settle(here: Here) -> Fields:
    drawn = [(each.material, each.title) for each in here.standing.promises if each.checked == "drawn"]
    return {
        "material": choice("哪项承诺", drawn), "kept": choice("核查结果", [("1", "属实"), ("0", "失实")], radio=True), "findings": text("核查情况"),
    }  # fmt: skip


FIELDS: dict[str, Callable[[Here], Fields]] = {
    "accept": _accept, "return": _return, "propose": _propose, "decide": _decide, "plan": _plan, "authorise": _authorise, "revoke": _revoke,
    "assign": _assign, "extend": _extend, "take_down": _take_down, "settle": _settle,
    "decline": lambda here: {"reason_code": choice("原因", DECLINE_REASONS.items()), "explanation": text("具体理由", "写进书面通知，要让申请人看得懂")},
    "attach": lambda here: {
        "material": choice("哪项材料", [(each.name, each.title) for each in here.service.version.materials]),
        "file": forms.FileField(label="文件或照片", help_text="PDF、JPG、PNG，20 MB 以内", error_messages={"required": "请选择文件或拍照", "empty": "这是空文件（0 字节）：请重新拍照或扫描"}),
    },
    "defer": lambda here: {"material": choice("哪项材料容后再交", _materials(here, ("missing",), "may_supplement_later"), "到期没有交的，申请失效")},
    "promise": lambda here: {
        "material": choice("哪项材料用承诺代替", _materials(here, ("missing", "later"), "may_promise"), "已告知：事后随机抽查，失实的追回并记录"),
        "signature": forms.CharField(label="承诺书由谁、怎样签的", max_length=100, error_messages={"required": "请写明谁签的承诺书"}),
    },
    "check": lambda here: {"purpose": text("核对目的", "只核对这一件、这一家；谁为什么核对过留审计记录", 2, most=256)},
    "file": lambda here: {
        "relative": forms.CharField(label="近亲属的姓名和职务", max_length=120, error_messages={"required": "请写明近亲属的姓名和职务"}),
        "relation": forms.CharField(label="与申请人的关系", max_length=60, help_text="例如：申请人的儿子", error_messages={"required": "请写明与申请人的关系"}),
        "note": forms.CharField(label="说明", required=False, max_length=500),
    },
    "publish": lambda here: {},
    "hear": lambda here: {"heard_on": day("听取意见日期", clock.business_date()), "statement": text("当事人的意见", "怎样联系的、说了什么；联系不上或没有意见的，也请写明")},
    "withdraw": lambda here: {"because": text("撤回的原因和方式", "申请人怎样提出的，例如：本人到窗口书面提出", 2)},
    "transfer": lambda here: {
        "to_division": forms.CharField(label="转给哪个村（社区）", max_length=12, error_messages={"required": "请选择村（社区）"}),
        "because": text("转办的原因", rows=2),
    },
    "object": lambda here: {"who": choice("谁提出的", [("applicant", "申请人"), ("public", "公示期间的群众")], radio=True), "statement": text("异议的内容和理由")},
    "review": lambda here: {"founded": choice("复核结论", [("1", "异议成立，重新办理"), ("0", "异议不成立，维持")], radio=True), "explanation": text("结论和理由", "写进答复书")},
    "close": lambda here: {"note": forms.CharField(label="说明", required=False, max_length=500)},
    "pause": lambda here: {"why": choice("中止的原因", PAUSES.items()), "explanation": text("具体情况", rows=2)},
    "resume": lambda here: {"note": forms.CharField(label="说明", required=False, max_length=500)},
    "measure": lambda here: {
        "number": choice("哪项措施", [(each.number, each.title) for each in here.standing.measures if each.done_on is None]), "result": text("落实情况"),
    },
    "papers": lambda here: {"statement": text("紧急情况的说明", "为什么先行救助、手续怎样补齐的")},
}  # fmt: skip
