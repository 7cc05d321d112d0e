"""What the living allowances of children ask about a child and about each of its parents.

The circumstances of the parents come from the bureau's register of children in difficulty (困境儿童名册), where the county
entered them with their proof; whether they suffice is the rules' business. Source 'award': it stands with the decision.
"""

from __future__ import annotations

from minzheng.kernel.rules.inputs import CATEGORIES, LEVELS
from minzheng.kernel.rules.language import Input

PARENTS = {
    0: "能够履行监护职责",
    1: "死亡或宣告死亡",
    2: "宣告失踪",
    3: "查找不到（弃婴、弃儿）",
    4: "残疾",
    5: "重病",
    6: "服刑在押",
    7: "强制隔离戒毒",
    8: "被执行其他限制人身自由的措施",
    9: "失联",
    10: "被撤销监护资格",
    11: "被遣送（驱逐）出境",
}
DEAD, MISSING, UNKNOWN, DISABLED, ILL, PRISON, DETOX, CONFINED, OUT_OF_TOUCH, REVOKED, EXPELLED = range(1, 12)

# 江苏省民政厅等八部门补充意见(2018-06): the six kinds; 1 and what is carried by other programmes are here for the monitoring.
KINDS = {
    0: "未列入名册",
    1: "孤儿",
    2: "父母监护缺失的儿童",
    3: "父母无力履行监护职责的儿童",
    4: "重残、重病及流浪儿童",
    5: "贫困家庭儿童",
    6: "其他需要帮助的儿童",
}
PLACEMENTS = {0: "社会散居（亲属抚养、家庭寄养）", 1: "福利机构集中养育"}
SCHOOLS = {0: "未在读", 1: "义务教育", 2: "高中、中职、技校", 3: "全日制大专、本科", 4: "其他"}

CHILD_KIND = Input("child_kind", "困境儿童类别", "code", "children_register", KINDS)
CHILD_PLACEMENT = Input("child_placement", "养育方式", "code", "children_register", PLACEMENTS)
SCHOOLING = Input("schooling", "在读学段（当月第一天）", "code", "children_register", SCHOOLS)
ADOPTED = Input("adopted", "已被依法收养", "flag", "children_register")
CHILD_HIV = Input("child_hiv", "艾滋病病毒感染儿童", "flag", "children_register")
LOW_INCOME_SHARE = Input("low_income_share", "该儿童当月已享受的低保金份额", "fen", "award")


def _parent(who: str, word: str) -> tuple[Input, ...]:
    return (
        Input(f"{who}_state", f"{word}的情形", "code", "children_register", PARENTS),
        Input(f"{who}_since", f"{word}的情形开始日期", "day", "children_register"),
        Input(f"{who}_term", f"{word}的刑期、戒毒期或限制人身自由期限", "months", "children_register"),
        Input(f"{who}_disability_category", f"{word}的残疾类别", "code", "children_register", CATEGORIES),
        Input(f"{who}_disability_level", f"{word}的残疾等级", "code", "children_register", LEVELS),
    )


FATHER, MOTHER = _parent("father", "父亲"), _parent("mother", "母亲")

ALL = (CHILD_KIND, CHILD_PLACEMENT, SCHOOLING, ADOPTED, CHILD_HIV, LOW_INCOME_SHARE, *FATHER, *MOTHER)
