"""Masking by class of data (facts §10): what is shown of a person until somebody asks for more, with a reason."""

from __future__ import annotations

import re

# Kinds of facts of which only their existence is told, and only on a person's own page: prison, compulsory detox.
HIDDEN_FACTS = frozenset({"custody"})


def mask_name(name: str) -> str:
    """张三 → 张*, 王小兰 → 王*兰, longer names keep first and last; a single character becomes *."""
    if len(name) <= 1:
        return "*" if name else ""
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def mask_id(id_number: str) -> str:
    """3204**********123X: the county code and the last four."""
    return f"{id_number[:4]}{'*' * (len(id_number) - 8)}{id_number[-4:]}" if len(id_number) > 8 else "*" * len(id_number)


def mask_phone(phone: str) -> str:
    """139****0464."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)


def mask_address(address: str) -> str:
    """Down to road or village; house numbers become *: 湖塘镇人民路12号3幢402室 → 湖塘镇人民路*号*幢*室."""
    return re.sub(r"[0-90-9A-Za-z一二三四五六七八九十]+(?=[号幢栋单元室组座弄])", "*", address)
