"""The documents that the allowances of children rest on, as they are cited.

Texts of the ministry's opinions are cited by their matter where the paragraph could not be compared with the text.
"""

from __future__ import annotations

from minzheng.kernel.rules.language import Clause

ORPHANS_DOC = "国务院办公厅关于加强孤儿保障工作的意见（国办发〔2010〕54号）"
UNSUPPORTED_DOC = "关于进一步加强事实无人抚养儿童保障工作的意见（民发〔2019〕62号）"
MORE_DOC = "关于进一步做好事实无人抚养儿童保障有关工作的通知（民发〔2020〕125号）"
PROVINCE_DOC = "江苏省民政厅等八部门关于困境儿童分类保障的补充意见（2018年6月）"

ORPHAN = Clause(ORPHANS_DOC, "孤儿的界定", "孤儿是指失去父母、查找不到生父母的未满18周岁的未成年人")
STUDENTS = Clause(ORPHANS_DOC, "成年后就读的规定", "年满18周岁后仍在校就读的，可以继续享受到毕业")
ORPHAN_STANDARD = Clause(
    ORPHANS_DOC, "基本生活保障", "按照不低于当地平均生活水平的原则，合理确定孤儿基本生活最低养育标准"
)
UNSUPPORTED = Clause(
    UNSUPPORTED_DOC, "一、明确保障对象",
    "父母双方均符合重残、重病、服刑在押、强制隔离戒毒、被执行其他限制人身自由的措施、失联情形之一的儿童；"
    "或者父母一方死亡或失踪，另一方符合上述情形之一的儿童",
)  # fmt: skip
CIRCUMSTANCES = Clause(
    UNSUPPORTED_DOC, "一、明确保障对象（各种情形的界定）",
    "重残是指一级二级残疾或三级四级精神、智力残疾；服刑、戒毒、限制人身自由是指期限在6个月以上；失联是指失去联系且未履行监护抚养责任6个月以上",
)  # fmt: skip
MORE = Clause(MORE_DOC, "扩大保障范围", "被撤销监护资格、被遣送（驱逐）出境的情形纳入认定范围")
NOT_STACKED = Clause(
    UNSUPPORTED_DOC,
    "三、规范保障（补差发放）",
    "已享受最低生活保障金等且未达到事实无人抚养儿童基本生活保障补贴标准的，进行补差发放",
)
CLASSES = Clause(
    PROVINCE_DOC,
    "分类保障标准",
    "父母监护缺失的儿童不低于散居孤儿标准的80%，父母无力履行监护职责的儿童不低于60%",
)
CHAIN = Clause(
    PROVINCE_DOC, "散居孤儿标准", "社会散居孤儿基本生活保障标准，苏南不低于机构集中养育孤儿标准的75%"
)
HIV = Clause(
    "民政部 财政部关于发放艾滋病病毒感染儿童基本生活费的通知（民发〔2012〕179号）",
    "",
    "参照孤儿基本生活费标准发放",
)
ONE_CITY = Clause(
    "2024年全市民政工作要点", "第12条", "稳步提高孤儿、事实无人抚养儿童基本保障水平，并推动实现同城同标"
)
ADOPTION = Clause(
    "民法典",
    "第一千一百一十一条",
    "自收养关系成立之日起，养父母与养子女间的权利义务关系，适用本法关于父母子女关系的规定",
)
