"""From the tables to the pure state: a case's actions, its service, where it stands, what it says. The caller has scoped the case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from minzheng.kernel.casework import catalogue
from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.models import Case, CaseAction
from minzheng.kernel.casework.state import Act, Standing, stand
from minzheng.kernel.foundation import calendar


class _Official:
    """The official calendar through foundation's kept reading of it: a case asks for a few days many times."""

    def is_working(self, day: date) -> bool:
        return calendar.is_working(day)

    def add_working_days(self, day: date, count: int) -> date:
        return calendar.add_working_days(day, count)

    def working_days_between(self, start: date, end: date) -> int:
        return calendar.working_days_between(start, end)


OFFICIAL = _Official()


def service_of(case: Case) -> Service:
    """The item in the version that the case keeps."""
    return catalogue.service(case.item, case.item_version)


def acts_of(case: Case) -> list[Act]:
    """What was done to the case, in order."""
    rows = CaseAction.objects.filter(case=case).order_by("seq").values_list("verb", "on", "by", "details")
    return [Act(verb, on, by, details) for verb, on, by, details in rows]


def standing_of(case: Case, as_of: date) -> Standing:
    """Where the case stands, computed from its actions. Raises CalendarMissing."""
    return stand(service_of(case), acts_of(case), OFFICIAL, as_of)


def answers_of(case: Case) -> dict[str, Any]:
    """The answers of the form as last sent (or prefilled, before it was)."""
    return latest(case, "answers") or {}


def latest(case: Case, name: str) -> Any:
    """The last sealed content of that name in the case's actions; None if there is none."""
    for sealed in CaseAction.objects.filter(case=case).order_by("-seq").values_list("sealed", flat=True):
        content = unsealed(sealed)
        if name in content:
            return content[name]
    return None


def sealed(content: Mapping[str, Any]) -> str:
    """Personal content as an action keeps it."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True) if content else ""


def unsealed(text: str) -> dict[str, Any]:
    """What `sealed` kept."""
    found: dict[str, Any] = json.loads(text) if text else {}
    return found
