"""The documents that the allowances of elders rest on, as they are cited. What the city itself decided (amounts, ages, months)
stands in its notices, which the bureau fills in: such clauses name the matter, not a number."""

from __future__ import annotations

from minzheng.kernel.rules.language import Clause

LAW = "老年人权益保障法（2018 年修正）"
ALLOWANCE = Clause(LAW, "第三十三条", "国家鼓励地方建立八十周岁以上低收入老年人高龄津贴制度")
NURSING = Clause(
    LAW,
    "第三十条",
    "对生活长期不能自理、经济困难的老年人，地方各级人民政府应当根据其失能程度等情况给予护理补贴",
)
SERVICE = Clause(LAW, "第三十七条", "对经济困难的老年人，地方各级人民政府应当逐步给予养老服务补贴")
ELDER = Clause(LAW, "第二条", "本法所称老年人是指六十周岁以上的公民")
NO_VISIT = Clause("2024年全市民政工作要点", "第10条", "推进尊老金发放“免申即享”，高龄老人“一次不跑”即可领取")
ABILITY_GRADES = Clause(
    "GB/T 42195-2022 老年人能力评估规范", "评估结果", "能力完好、轻度失能、中度失能、重度失能、完全失能五级"
)
LOCAL_LONGEVITY = Clause(
    "本市尊老金发放文件（待市民政局核定文号）", "", "具有本市户籍，按年龄分档，逐月发放，去世次月停发"
)
LOCAL_SUBSIDY = Clause(
    "本市养老服务补贴、护理补贴文件（待市民政局核定文号）", "", "按经济困难类别和能力等级分档给予补贴"
)
