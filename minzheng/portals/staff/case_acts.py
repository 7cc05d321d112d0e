"""The verbs of a case as the portal carries them out: which route, which button, and the room's action behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse

from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.verbs import VERBS
from minzheng.kernel.registry.documents.formats import LARGEST
from minzheng.portals.staff.case_forms import MEASURES, Here

Data = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """One verb. `main`: it moves the case on; `confirm`: its consequence, asked before it is done."""

    verb: str
    button: str
    carry: Callable[[Here, Data], Any]
    route: str = "case_act"
    main: bool = False
    confirm: str = ""
    icon: str = "check"
    tells: str = ""  # what it does, above the form

    @property
    def title(self) -> str:
        return TITLES.get(self.verb, VERBS.get(self.verb, self.verb))

    def url(self, case_id: int) -> str:
        """Where its form is sent."""
        return reverse(f"staff:{self.route}", args=[case_id, self.verb] if self.route == "case_act" else [case_id])


TITLES = {"settle": "登记承诺抽查结果", "attach": "收材料", "object": "登记异议", "measure": "登记措施落实"}


def _common(here: Here, data: Data, version: bool = True) -> Data:
    told: Data = {"case": here.case, "by": here.actor, "form_token": data["form_token"]}
    return {**told, "expected_version": data["version"]} if version else told


def _plain(action: Callable[..., Any], *names: str, version: bool = True) -> Callable[[Here, Data], Any]:
    """An action that takes the form's fields under their own names."""
    return lambda here, data: action(**_common(here, data, version), **{name: data[name] for name in names if name in data})


def _return(here: Here, data: Data) -> Any:
    missing = {name.removeprefix("missing_"): words for name, words in data.items() if name.startswith("missing_") and words.strip()}
    return actions.return_for_completion(**_common(here, data), missing=missing)


def _attach(here: Here, data: Data) -> Any:
    sent: UploadedFile[Any] = data["file"]
    if (sent.size or 0) > LARGEST:
        raise CaseError(f"文件有 {(sent.size or 0) / 1024 / 1024:.0f} MB，超过 20 MB：请压缩或分成几份")
    return actions.attach_material(**_common(here, data, False), material=data["material"], content=sent.read())


def _authorise(here: Here, data: Data) -> Any:
    person = next((each.person for each in queries.consents(here.case, here.actor) if str(each.person.pk) == data["person"]), None)
    if person is None:
        raise CaseError("请从名单里选择谁签的")
    return actions.authorise(**_common(here, data, False), person=person, signed_how=data["signed_how"], signature=data["signature"])


def _revoke(here: Here, data: Data) -> Any:
    live = [each.authorisation for each in queries.consents(here.case, here.actor) if each.authorisation]
    row = next((each for each in live if str(each.pk) == data["authorisation"]), None)
    if row is None:
        raise CaseError("请从名单里选择撤回谁的授权")
    return actions.revoke_authorisation(authorisation=row, by=here.actor, because=data["because"])


def _assign(here: Here, data: Data) -> Any:
    to = next((user for user in here.people() if str(user.pk) == data["to"]), None)
    if to is None:
        raise CaseError("请从名单里选择派给谁")
    return actions.assign_case(**_common(here, data), to=to, note=data["note"])


def _decide(here: Here, data: Data) -> Any:
    told = {name: data[name] for name in ("amount_fen", "class_", "reason_codes") if data.get(name)}
    return actions.decide(**_common(here, data), kind=data["kind"], explanation=data["explanation"], **told)


def _propose(here: Here, data: Data) -> Any:
    told = {name: data[name] for name in ("amount_fen", "class_") if data.get(name)}
    return actions.propose(**_common(here, data), kind=data["kind"], opinion=data["opinion"], **told)


def _settle(here: Here, data: Data) -> Any:
    return actions.settle_promise(**_common(here, data, False), material=data["material"], kept=data["kept"] == "1", findings=data["findings"])


def _plan(here: Here, data: Data) -> Any:
    lines = [{name: data[f"{short}_{number}"] for name, short in (("title", "title"), ("owner", "owner"), ("due_on", "due"))} for number in range(1, MEASURES + 1)]
    return actions.record_plan(**_common(here, data), measures=[line for line in lines if any(line.values())], summary=data["summary"])


ACTS = {
    act.verb: act
    for act in (
        Act("accept", "受理", _plain(actions.accept_case, "urgent", "note"), main=True, tells="受理之日起开始计算全程办理期限。"),
        Act("return", "告知补正", _return, icon="arrow-back-up", tells="补正只能告知一次，请把要补的一次写全，不用补的留空；告知后停钟，等申请人补正。"),
        Act("decline", "不予受理", _plain(actions.decline_case, "reason_code", "explanation"), icon="x", confirm="不予受理后这件办结，书面告知申请人理由和救济途径。确定不予受理？"),
        Act("attach", "收下", _attach, icon="paperclip"),
        Act("defer", "容缺受理", _plain(actions.defer_material, "material"), icon="clock"),
        Act("promise", "登记承诺", _plain(actions.promise_material, "material", "signature"), icon="edit"),
        Act("authorise", "登记授权", _authorise, icon="user-check"),
        Act("revoke", "撤回授权", _revoke, icon="lock", tells="撤回后不再核对；已经核对到的仍作为证据保存。"),
        Act("file", "登记备案", _plain(actions.file_relative, "relative", "relation", "note"), main=True, icon="users",
            tells="写明谁是近亲属。备案后由区级 2 人以上入户核查，两项办完前不能作出决定。"),
        Act("check", "开始核对", _plain(actions.run_check, "purpose"), route="case_check", main=True, icon="database", tells="按签署的授权，对这一件的家庭成员核对各部门数据；没有有效授权的不能核对，拒绝也会记录。"),
        Act("assign", "派出", _assign, icon="send"),
        Act("propose", "提交审核意见", _propose, main=True, icon="edit"),
        Act("publish", "张榜", _plain(actions.publish), main=True, icon="flag", tells="按事项规定的内容遮盖后张榜，到期自动撤下。"),
        Act("take_down", "撤榜", _plain(actions.take_down, "because", version=False), icon="flag"),
        Act("decide", "作出决定", _decide, route="case_decide", main=True, icon="file-check", confirm="决定作出后即生效并落地（待遇、支付或登记），不能撤销，只能经异议复核改变。确定？"),
        Act("hear", "登记意见", _plain(actions.hold_hearing, "heard_on", "statement"), icon="message"),
        Act("plan", "保存计划", _plan, main=True, icon="list-check"),
        Act("measure", "登记", _plain(lambda number, **told: actions.measure_done(number=int(number), **told), "number", "result", version=False), icon="list-check"),
        Act("papers", "补齐", _plain(actions.complete_papers, "statement"), main=True, icon="file-text"),
        Act("review", "答复异议", _plain(lambda founded, **told: actions.review_objection(founded=founded == "1", **told), "founded", "explanation"),
            route="case_review", main=True, icon="git-compare"),
        Act("resume", "恢复", _plain(actions.resume_case, "note"), main=True, icon="refresh"),
        Act("close", "办结归档", _plain(actions.close_case, "note"), main=True, icon="folder"),
        Act("settle", "登记结果", _settle, icon="shield-check"),
        Act("object", "登记异议", _plain(actions.object_to, "who", "statement"), icon="message"),
        Act("extend", "延长", _plain(actions.extend_limit, "target", "because"), icon="calendar-due"),
        Act("pause", "中止", _plain(actions.pause_case, "why", "explanation"), icon="power"),
        Act("transfer", "转办", _plain(actions.transfer_case, "to_division", "because"), icon="arrow-right", confirm="转办后这件由转入地办理，您可能不再看得到它。确定？"),
        Act("withdraw", "撤回申请", _plain(actions.withdraw_case, "because"), icon="arrow-back-up", confirm="撤回后这件办结，不能恢复；申请人以后可以重新申请。确定是申请人要撤回？"),
    )
}  # fmt: skip


def acts_of(verbs: frozenset[str]) -> list[Act]:
    """The acts that these verbs of the room allow, what moves the case on first."""
    allowed = set(verbs) | ({"settle"} if verbs & {"kept", "breach"} else set())
    return sorted((act for verb, act in ACTS.items() if verb in allowed), key=lambda act: not act.main)
