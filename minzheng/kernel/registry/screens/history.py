"""Changes of organisations and facilities in words."""

from __future__ import annotations

from typing import Any

from minzheng.kernel.divisions.queries import path_name
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.register_history import recorded
from minzheng.kernel.foundation.registers import Change, EditField

VERBS = {"create": "新建", "update": "修改", "import": "导入"}


def in_words(item: EditField, value: Any) -> str:
    """A field's value as people read it; nothing is the empty text."""
    if value is None or value == "":
        return ""
    if item.kind == "choice":
        return item.options().get(str(value), str(value))
    return path_name(str(value), clock.business_date()) if item.kind == "place" else str(value)


def changes(record: Any, fields: tuple[EditField, ...]) -> list[Change]:
    """Who changed what of an organisation or facility, newest first."""
    kind = str(record._meta.model_name)
    return recorded(f"{kind}:{record.pk}", fields, in_words, {f"{kind}.{verb}": words for verb, words in VERBS.items()})
