"""What only social assistance asks about people, beyond the inputs of the kernel. Amounts are 分 a month, unless the label says a year.

Source 'declared': a worker entered it in the household's file (申报或入户核实); 'award': it stands with the award; no register knows it.
"""

from __future__ import annotations

from minzheng.kernel.rules.language import Input

APARTNESS = {
    0: "共同生活",
    1: "宗教教职人员连续离家三年以上",
    2: "宣告失踪",
    3: "独立生活的成年子女",
    4: "省定其他不计入的人员",
}
PLACEMENTS = {0: "分散供养", 1: "集中供养"}
GRANTS = {0: "未提出", 1: "急难型", 2: "支出型"}
GRADES = {0: "未评定", 1: "一般", 2: "较重", 3: "特别严重"}
SUPPORTER_HOUSEHOLDS = 3  # so many households outside that owe support can be told apart for one person

# Who counts.
RESIDENCE_PERMIT = Input("residence_permit", "持有本市居住证（非本市户籍）", "flag", "population")
APART = Input("apart", "不计入共同生活成员的情形", "code", "declared", APARTNESS)
SERIOUS_ILLNESS = Input("serious_illness", "重特大疾病患者", "flag", "declared")
SPECIAL_HARDSHIP = Input("special_hardship", "经核实确有特殊困难（社会救助法第二十一条）", "flag", "declared")
IN_SCHOOL = Input("in_school", "在义务教育或高中、中职学校就读", "flag", "students")
JOB_REFUSALS = Input("job_refusals", "无正当理由拒绝介绍工作的次数", "count", "declared")

# What comes in besides what registers know, what does not count, and what is taken off.
BUSINESS_INCOME = Input("business_income", "经营净收入（前 12 个月月均）", "fen", "declared")
PROPERTY_INCOME = Input("property_income", "财产净收入（前 12 个月月均）", "fen", "declared")
TRANSFER_INCOME = Input("transfer_income", "其他转移净收入（前 12 个月月均）", "fen", "declared")
EXEMPT_INCOME = Input(
    "exempt_income", "优待抚恤、计生奖扶、奖学金、见义勇为奖励、两项补贴等（每月）", "fen", "declared"
)
CARE_COSTS = Input("care_costs", "因残疾、重病发生的康复、护理、照料支出（每月）", "fen", "declared")
EDUCATION_COSTS = Input("education_costs", "前 12 个月个人负担的教育费", "fen", "declared")
OTHER_NECESSARY_COSTS = Input("other_necessary_costs", "前 12 个月其他必需支出", "fen", "declared")

# Support owed by those who live elsewhere. An agreement or judgment goes before the formula.
AGREED_SUPPORT = Input("agreed_support", "协议或裁判确定的赡养、抚养、扶养费（每月）", "fen", "declared")
SUPPORTERS = tuple(
    (
        Input(f"supporter_{number}_income", f"第{word}户赡养人家庭的月收入", "fen", "declared"),
        Input(f"supporter_{number}_members", f"第{word}户赡养人家庭的人数", "count", "declared"),
        Input(f"supporter_{number}_supported", f"第{word}户赡养人赡养的人数", "count", "declared"),
    )
    for number, word in zip(range(1, SUPPORTER_HOUSEHOLDS + 1), "一二三", strict=True)
)

# Property that does not speak against help.
AID_VEHICLES = Input("aid_vehicles", "其中残疾人代步车、生产用小型货运车", "count", "declared")
EXEMPT_HOMES = Input("exempt_homes", "其中按规定不计的住房（危房、待拆迁、继承份额）", "count", "declared")
EXEMPT_BUSINESSES = Input(
    "exempt_businesses", "其中不计的经营主体（未开业、个体小摊、挂名）", "count", "declared"
)

# Awards that last: since when, and what was paid when somebody began to earn.
BORDERLINE_SINCE = Input("borderline_since", "低保边缘家庭认定日期", "day", "award")
RIGID_SINCE = Input("rigid_since", "刚性支出困难家庭认定日期", "day", "award")
DESTITUTE_SINCE = Input("destitute_since", "特困人员认定日期", "day", "award")
EXIT_SINCE = Input("exit_since", "渐退期开始日期", "day", "award")
EXIT_AMOUNT = Input("exit_amount", "进入渐退期前家庭的月低保金（记在户主名下）", "fen", "award")

# The destitute: nobody who could support them, and what they cannot do by themselves (民发〔2021〕43号).
ABLE_OBLIGOR = Input("able_obligor", "有履行义务能力的法定义务人", "flag", "declared")
PLACEMENT = Input("placement", "供养方式", "code", "destitute_care", PLACEMENTS)
SELF_CARE = (
    Input("unable_eat", "不能自主吃饭", "flag", "destitute_care"),
    Input("unable_dress", "不能自主穿衣", "flag", "destitute_care"),
    Input("unable_rise", "不能自主上下床", "flag", "destitute_care"),
    Input("unable_toilet", "不能自主如厕", "flag", "destitute_care"),
    Input("unable_walk", "不能室内行走", "flag", "destitute_care"),
    Input("unable_bathe", "不能自主洗澡", "flag", "destitute_care"),
)

# Temporary assistance: what happened, as the case says; 0 where there is no case.
GRANT_KIND = Input("grant_kind", "临时救助类型", "code", "declared", GRANTS)
GRANT_GRADE = Input("grant_grade", "困难程度", "code", "declared", GRADES)
GRANT_SPENDING = Input("grant_spending", "本次必需支出中个人负担的部分", "fen", "declared")
GRANTED_YEAR = Input("granted_year", "近 12 个月已给予的临时救助金", "fen", "declared")

# 慈善助医: that a case asks for it, and what was given.
CHARITY_ASKED = Input("charity_asked", "提出慈善助医", "flag", "declared")
CHARITY_YEAR = Input("charity_year", "近 12 个月已给予的慈善助医金", "fen", "declared")

ALL = (
    RESIDENCE_PERMIT, APART, SERIOUS_ILLNESS, SPECIAL_HARDSHIP, IN_SCHOOL, JOB_REFUSALS, BUSINESS_INCOME, PROPERTY_INCOME, TRANSFER_INCOME, EXEMPT_INCOME,
    CARE_COSTS, EDUCATION_COSTS, OTHER_NECESSARY_COSTS, AGREED_SUPPORT, *(each for three in SUPPORTERS for each in three), AID_VEHICLES,
    EXEMPT_HOMES, EXEMPT_BUSINESSES, BORDERLINE_SINCE, RIGID_SINCE, DESTITUTE_SINCE, EXIT_SINCE, EXIT_AMOUNT, ABLE_OBLIGOR, PLACEMENT,
    *SELF_CARE, GRANT_KIND, GRANT_GRADE, GRANT_SPENDING, GRANTED_YEAR, CHARITY_ASKED, CHARITY_YEAR,
)  # fmt: skip
