"""Kinds of organisations and facilities, as the bureau's own lists have them: code → words."""

from __future__ import annotations

ORGANISATIONS = {
    "association": "社会团体", "service_institution": "社会服务机构", "foundation": "基金会", "public_institution": "事业单位",
    "company": "企业", "village_committee": "村（居）民委员会", "government": "机关", "other": "其他",
}  # fmt: skip
FACILITIES = {
    "care_home": "养老机构", "day_care": "日间照料中心", "home_care_centre": "居家养老服务中心", "canteen": "助餐点",
    "children_home": "儿童福利机构", "child_protection": "未成年人保护站", "rescue_station": "救助管理站",
    "social_work_station": "社工站", "rehabilitation": "精神障碍康复点", "funeral_home": "殡仪馆", "cemetery": "公墓",
    "ossuary": "骨灰堂", "marriage_office": "婚姻登记处", "charity_shop": "慈善超市", "other": "其他",
}  # fmt: skip
