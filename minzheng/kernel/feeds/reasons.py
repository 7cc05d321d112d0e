"""Why a row was put into quarantine: stable codes, and sentences that the sender understands."""

from __future__ import annotations

SENTENCES = {
    "id_missing": "缺少身份证号:请补填 18 位公民身份号码",
    "id_excel_mangled": "身份证号被 Excel 转成了科学计数法,后几位已丢失:请把该列设为“文本”后从原系统重新导出",
    "id_length": "身份证号位数不对(应为 18 位):请核对原始证件",
    "id_characters": "身份证号里有不应出现的字符:请核对是否填错了列或证件类型",
    "id_date": "身份证号中的出生日期不存在:请核对原始证件",
    "id_checksum": "身份证号校验码不符:请逐位核对原始证件",
    "missing": "必填项为空:请补填",
    "date_unreadable": "不是日期:请写成 2024-05-01",
    "date_no_such_day": "日历上没有这一天:请核对",
    "date_out_of_range": "日期超出合理范围(1900 年以前或 2100 年以后):请核对",
    "date_future": "日期晚于数据截至日期:请核对日期或数据截至日期",
    "number_unreadable": "不是数字:请只填数字",
    "number_negative": "金额不能为负:请核对",
    "number_too_large": "数字过大:请核对单位(元)",
    "enum_unknown": "不在规定的取值之内:请按数据目录中的取值填写",
    "village_unknown": "村(社区)代码不存在:请填 12 位统计用区划代码",
    "uscc_wrong": "统一社会信用代码校验不符:请核对",
    "certificate_number": "残疾人证号不符合编码规则(身份证号 18 位 + 类别 1 位 + 等级 1 位):请核对",
    "certificate_category": "残疾类别与残疾人证号中的类别不一致:请核对",
    "certificate_level": "残疾等级与残疾人证号中的等级不一致:请核对",
    "certificate_person": "身份证号与残疾人证号中的身份证号不一致:请核对",
    "birth_not_in_id": "出生日期与身份证号不一致:请核对",
    "sex_not_in_id": "性别与身份证号不一致:请核对",
    "death_before_birth": "死亡日期早于出生日期:请核对",
    "cremation_before_death": "火化日期早于死亡日期:请核对",
    "period_reversed": "截止月早于起始月:请核对",
    "release_before_start": "释放日期早于起始日期:请核对",
    "left_before_start": "结束日期早于开始日期:请核对两个日期",
    "bad_encoding": "有无法识别的字符(编码损坏):请另存为 UTF-8 或 GB18030 后重新报送",
    "cell_too_long": "单元格内容过长(超过 4000 字):请检查是否误粘贴或引号不成对",
    "columns_count": "该行的列数与表头不一致:请检查分隔符、引号和换行",
    "two_households": "同一人出现在两个户里(或在一户里重复且内容不同):请核实该人现属哪一户,只报一行",
    "stale": "更晚一期的数据已确认了不同的内容:如应以本行为准,请按更晚的数据截至日期重新报送",
    "key_conflict": "同一主键出现内容不同的多行:请核实后只报正确的一行",
    # Of registers (机构、设施), where what is in the register already decides.
    "place_unknown": "没有这个地方:请填区划代码,或从区县写起的全名,如“武进区湖塘镇星火村”",
    "outside_jurisdiction": "不在导入人的辖区内,或本条现登记在别的辖区:请由所在地的民政部门导入",
    "text_too_long": "内容过长:请核对是否误粘贴,名称最多 128 字,地址最多 256 字",
    "phone_wrong": "电话只能有数字、空格和连字符:请写成 0519-85680000",
    "start_missing": "新登记的缺少起始日期:请补填成立(启用)日期",
    "life_reversed": "结束日期应晚于起始日期:请核对两个日期",
    "life_overlaps": "与同一机构(设施)已登记的另一段存续期重叠:请核对成立(启用)和注销(停用)日期",
    "register_duplicate": "表里有几行说的是同一个机构(设施)而内容不同:请核实后只报正确的一行",
    "register_ambiguous": "台账里有几条同名的记录,分不清是哪一条:请补填统一社会信用代码或起始日期",
    "organisation_unknown": "机构台账里没有这个主办机构:请先导入机构台账,再把本退回表原样上传;或更正代码、名称",
    "organisation_ambiguous": "有几个机构都叫这个名称:请补填主办机构的统一社会信用代码",
    "capacity_wrong": "床位或席位应为 0 到 100,000 的整数:请核对",
    "coordinates_wrong": "经度应在 73 到 136、纬度应在 3 到 54 之间,且两项都填:请核对是否填反",
}
# What may come right without the row being touched: once the organisation is there, the row is tried again as it is.
MAY_PASS = frozenset({"organisation_unknown"})

WARNINGS = {
    "id_region_unknown": "身份证号前六位不在已知的行政区划代码中(不影响采纳)",
    "id_upgraded_15": "15 位身份证号已升为 18 位",
}


def sentence(code: str, header: str = "") -> str:
    """The sentence for one reason, naming the column it is about."""
    return f"【{header}】{SENTENCES[code]}" if header else SENTENCES[code]
