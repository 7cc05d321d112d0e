"""The documents that social assistance rests on, as they are cited. From 2026-07-01 the law takes the place of the interim measures.

Quotes of 社会救助暂行办法 and 社会救助法 follow their published texts. Of the ministry's measures (民发〔2021〕57号, 民发〔2021〕43号 and
others) the content is known but the articles could not be compared with the text: such clauses name the chapter, not the article.
"""

from __future__ import annotations

from minzheng.kernel.rules.language import Clause

INTERIM = "社会救助暂行办法（国务院令第649号）"
LAW = "社会救助法（2026年7月1日起）"
CONFIRMATION = "最低生活保障审核确认办法（民发〔2021〕57号）"
DESTITUTE = "特困人员认定办法（民发〔2021〕43号）"
RIGID = "刚性支出困难家庭认定办法（民政部，2024年10月）"
TEMPORARY = "国务院关于全面建立临时救助制度的通知（国发〔2014〕47号）"


def both(old: str, new: str, quote: str) -> Clause:
    """A clause that stands in the interim measures and in the law that replaced them."""
    return Clause(f"{INTERIM}；{LAW}", f"{old}；{new}", quote)


RESIDENCE = both(
    "第十一条（一）", "第三十七条", "向户籍所在地乡镇人民政府、街道办事处提出。有条件的地方可以有序推进持有居住证人员在居住地申请"
)
DECISION = both("第十一条（三）", "第四十四条", "报请县级人民政府社会救助管理部门作出社会救助确认决定")
REPORT = both("第十条", "第二十三条", "收入、财产等状况认定办法，由省、自治区、直辖市人民政府按照国家有关规定……制定")

HOUSEHOLD = Clause(
    CONFIRMATION, "共同生活家庭成员的规定",
    "共同生活的家庭成员包括配偶、未成年子女、不能独立生活的成年子女等；连续三年以上脱离家庭的宗教教职人员、服刑或强制隔离戒毒人员、宣告失踪人员不计入",
)  # fmt: skip
INCOME = Clause(
    CONFIRMATION, "家庭收入的规定", "家庭收入包括工资性收入、经营净收入、财产净收入、转移净收入和其他应当计入家庭收入的项目，按申请前 12 个月平均计算"
)
NOT_INCOME = Clause(
    CONFIRMATION, "不计入家庭收入的规定", "优待抚恤金、计划生育奖励扶助、奖学金、见义勇为奖励、政府给予的社会救助款物、中央确定的城乡居民基础养老金等不计入"
)
DEDUCTION = Clause(CONFIRMATION, "核算收入时扣减的规定", "因残疾、患重病等增加的刚性支出，必要的就业成本等，在核算家庭收入时可以适当扣减")
SUPPORT = Clause(
    CONFIRMATION, "赡养、抚养、扶养费的规定", "有协议、裁判的按协议、裁判计算；没有的，按照赡养、抚养、扶养义务人家庭的收入由省级规定的办法计算"
)
PROPERTY = both("第九条", "第十八条", "且财产状况符合规定")
FINANCIAL = Clause(CONFIRMATION, "家庭财产的规定", "家庭财产包括银行存款、证券、基金、商业保险、债权、互联网金融资产等")
THINGS = Clause(CONFIRMATION, "家庭财产的规定", "家庭财产包括机动车辆、船舶、房屋、土地，以及对市场主体的投资等")
