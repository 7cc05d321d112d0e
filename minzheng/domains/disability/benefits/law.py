"""The documents that the two subsidies rest on, as they are cited."""

from __future__ import annotations

from minzheng.kernel.rules.language import Clause

DOC = "国务院关于全面建立困难残疾人生活补贴和重度残疾人护理补贴制度的意见（国发〔2015〕52号）"
MEASURES = "残疾人两项补贴管理办法（民发〔2021〕70号）"
LIVING = Clause(
    DOC, "二（一）",
    "困难残疾人生活补贴主要补助残疾人因残疾产生的额外生活支出，对象为低保家庭中的残疾人，"
    "有条件的地方可逐步扩大到低收入残疾人及其他困难残疾人",
)  # fmt: skip
NURSING = Clause(
    DOC, "二（一）",
    "重度残疾人护理补贴主要补助残疾人因残疾产生的额外长期照护支出，对象为残疾等级被评定为一级、二级且需要长期照护的重度残疾人，"
    "有条件的地方可扩大到非重度智力、精神残疾人",
)  # fmt: skip
STANDARD = Clause(
    DOC,
    "二（二）",
    "补贴标准由省级人民政府根据经济社会发展水平和残疾人生活保障需求、长期照护需求统筹确定，并适时调整",
)
GROWTH = Clause("2024年全市民政工作要点", "第27条", "落实残疾人两项补贴自然增长机制")
PROVINCE = Clause(
    "江苏省困难残疾人生活补贴实施办法（待核定文号）", "", "按低保标准的一定比例，区分对象类别和残疾等级发放"
)
APPLICATION = Clause(MEASURES, "申领", "残疾人两项补贴自愿申请；自受理申请之月起计发")
ENDING = Clause(MEASURES, "停发", "残疾人死亡、户籍迁出本地、残疾等级变更不再符合条件的，次月停发")
