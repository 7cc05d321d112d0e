"""What is known of a person before any rule begins: the inputs that more than one pack reads.

A pack's own inputs stand in its `benefits/inputs.py`. The snapshot (`kernel/benefits/snapshot`) fills them from the feeds;
a household file for `minzheng benefits explain` uses the same names. Amounts are 分 a month unless the label says a year.
"""

from __future__ import annotations

from minzheng.kernel.rules.language import Input

SEXES = {0: "未说明", 1: "男", 2: "女"}
RANKS = {0: "户主", 1: "配偶", 2: "其他成员"}
CATEGORIES = {0: "无", 1: "视力", 2: "听力", 3: "言语", 4: "肢体", 5: "智力", 6: "精神", 7: "多重"}
LEVELS = {0: "无", 1: "一级", 2: "二级", 3: "三级", 4: "四级"}
AWARDS = {0: "未认定", 1: "家庭认定", 2: "个人单独认定"}

# Whose row it is; every frame of people has them.
KEYS = ("person_key", "household_key", "village")
RANK = Input("rank", "户内身份", "code", "households", RANKS, absent=2)

BIRTH = Input("birth", "出生日期", "day", "population")
SEX = Input("sex", "性别", "code", "population", SEXES)
HUKOU = Input("hukou", "本市户籍", "flag", "population")
PRESENT = Input("present", "在册且健在（当月第一天）", "flag", "population")
DEATH = Input("death", "死亡日期", "day", "deaths")
CUSTODY = Input("custody", "服刑或强制隔离戒毒（当月第一天）", "flag", "custody")
DISABILITY_CATEGORY = Input("disability_category", "残疾类别", "code", "disability_certificates", CATEGORIES)
DISABILITY_LEVEL = Input("disability_level", "残疾等级", "code", "disability_certificates", LEVELS)

WAGE = Input("wage", "工资性收入（按缴费基数，前 12 个月月均）", "fen", "social_insurance")
PENSION = Input("pension", "职工或机关事业养老金（前 12 个月月均）", "fen", "pensions")
RESIDENT_PENSION = Input("resident_pension", "城乡居民养老金（前 12 个月月均）", "fen", "pensions")
UNEMPLOYMENT_BENEFIT = Input("unemployment_benefit", "失业保险金（前 12 个月月均）", "fen", "unemployment")
DECLARED_INCOME = Input("declared_income", "申报的其他月收入", "fen", "declared")
MEDICAL_PAID = Input("medical_paid", "前 12 个月个人负担的医疗费（目录内）", "fen", "medical_settlements")
MEDICAL_OWN = Input("medical_own", "前 12 个月自费的医疗费（目录外）", "fen", "medical_settlements")

VEHICLES = Input("vehicles", "名下机动车", "count", "vehicles")
HOMES = Input("homes", "名下住房", "count", "real_estate")
SHOPS = Input("shops", "名下商铺、办公用房", "count", "real_estate")
BUSINESSES = Input("businesses", "名下经营主体", "count", "market_entities")
FINANCIAL_ASSETS = Input("financial_assets", "申报或核对的金融资产", "fen", "declared")

# Status that a decision gave, and that lasts until another ends it.
AWARD_LOW_INCOME = Input("award_low_income", "最低生活保障", "code", "award", AWARDS)
AWARD_DESTITUTE = Input("award_destitute", "特困人员供养", "code", "award", AWARDS)
AWARD_BORDERLINE = Input("award_borderline", "低保边缘家庭", "code", "award", AWARDS)
AWARD_RIGID = Input("award_rigid_spending", "刚性支出困难家庭", "code", "award", AWARDS)

BASE = (
    RANK, BIRTH, SEX, HUKOU, PRESENT, DEATH, CUSTODY, DISABILITY_CATEGORY, DISABILITY_LEVEL, WAGE, PENSION, RESIDENT_PENSION,
    UNEMPLOYMENT_BENEFIT, DECLARED_INCOME, MEDICAL_PAID, MEDICAL_OWN, VEHICLES, HOMES, SHOPS, BUSINESSES, FINANCIAL_ASSETS,
    AWARD_LOW_INCOME, AWARD_DESTITUTE, AWARD_BORDERLINE, AWARD_RIGID,
)  # fmt: skip
