"""The verbs of a case and the states it can be in, with their names for people. Free of Django."""

from __future__ import annotations

STATES = {
    "draft": "待提交", "submitted": "待受理", "returned": "待申请人补正", "under_way": "办理中", "paused": "已中止", "decided": "已决定",
    "objected": "异议复核中", "closed": "已办结", "withdrawn": "已撤回", "lapsed": "逾期失效", "declined": "不予受理",
}  # fmt: skip
ENDED = frozenset({"closed", "withdrawn", "lapsed", "declined"})
OPEN = frozenset(STATES) - ENDED
WAITING = {"applicant": "等申请人", "authority": "等经办机关", "public": "公示中", "": "无"}
VERBS = {
    "open": "开办", "submit": "提交申请", "accept": "受理", "decline": "不予受理", "return": "一次性告知补正", "supplement": "补正材料",
    "attach": "收到材料", "defer": "容缺受理", "promise": "告知承诺", "lapse": "逾期失效", "authorise": "签署核对授权", "revoke": "撤回核对授权",
    "check": "信息核对", "assign": "指派经办", "visit": "入户调查", "propose": "审核意见", "publish": "张榜", "take_down": "撤榜",
    "hear": "听取当事人意见", "decide": "作出决定", "outcome": "决定落地", "withdraw": "撤回申请", "transfer": "转办", "object": "提出异议",
    "review": "异议复核", "close": "办结归档", "extend": "延长期限", "pause": "中止", "resume": "恢复", "draw": "抽查承诺", "kept": "承诺属实",
    "breach": "承诺失实", "rate": "评价", "climb": "逾期升级", "plan": "帮扶计划", "measure": "措施落实", "papers": "补齐手续", "remind": "复核提醒",
    "file": "近亲属备案",
}  # fmt: skip
# What completes each kind of step.
COMPLETES = {
    "accept": "accept", "check": "check", "visit": "visit", "propose": "propose", "publicity": "take_down", "decide": "decide",
    "announce": "publish", "papers": "papers", "plan": "plan", "file": "file",
}  # fmt: skip
# Verb → the capability that an official needs; the verbs of applicants need none of them (access by being a party).
CAPABILITY = {
    "open": "cases.accept", "submit": "cases.accept", "accept": "cases.accept", "decline": "cases.accept", "return": "cases.accept",
    "supplement": "cases.accept", "attach": "cases.accept", "defer": "cases.accept", "promise": "cases.accept",
    "authorise": "cases.accept", "revoke": "cases.accept", "check": "cases.check", "assign": "cases.accept", "visit": "cases.visit",
    "propose": "cases.accept", "publish": "cases.accept", "take_down": "cases.accept", "hear": "cases.accept", "decide": "cases.decide",
    "withdraw": "cases.accept", "transfer": "cases.accept", "object": "cases.accept", "review": "cases.decide", "close": "cases.accept",
    "extend": "cases.accept", "pause": "cases.accept", "resume": "cases.accept", "draw": "cases.supervise", "kept": "cases.accept",
    "breach": "cases.accept", "plan": "cases.accept", "measure": "cases.accept", "papers": "cases.accept", "lapse": "cases.accept", "file": "cases.accept",
}  # fmt: skip
APPLICANTS_VERBS = frozenset({
    "submit", "supplement", "attach", "promise", "defer", "authorise", "revoke", "withdraw", "object", "rate",
})  # fmt: skip
