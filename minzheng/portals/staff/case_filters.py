"""The filters of cases, as they stand in an address."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from minzheng.kernel.casework import queries
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.verbs import ENDED
from minzheng.kernel.foundation.access import Actor

TABS = (("todo", "待我办"), ("open", "在办"), ("ended", "已办结"), ("all", "全部"))


@dataclass(frozen=True)
class CaseFilters:
    """What an address asks for; the empty text asks for nothing. `tab`: one of TABS."""

    tab: str = "todo"
    item: str = ""
    division: str = ""
    state: str = ""
    overdue: str = ""
    urgent: str = ""
    number: str = ""
    together: str = ""  # only cases of a 一件事

    @classmethod
    def of(cls, address: QueryDict) -> CaseFilters:
        """The filters in an address; what is not among them is left aside."""
        given = {name: address.get(name, "").strip()[:64] for name in cls.__dataclass_fields__}
        given["tab"] = given["tab"] if given["tab"] in dict(TABS) else ("all" if given["number"] else "todo")
        return cls(**given)

    def rows(self, actor: Actor, today: date) -> QuerySet[Case]:
        """The cases in the actor's jurisdiction under these filters. Raises Forbidden, LookupError, ValueError."""
        found = queries.cases(
            actor, state="open" if self.tab == "open" and not self.state else self.state, item=self.item, division=self.division,
            overdue_on=today if self.overdue else None, urgent=True if self.urgent else None, number=self.number,
        )  # fmt: skip
        if self.together:
            found = found.filter(bundle__isnull=False)
        if self.tab == "open" and self.state:
            found = found.exclude(state__in=ENDED)
        if self.tab == "ended":
            return found.filter(state__in=ENDED).order_by("-decided_on", "-id")
        if self.tab == "todo":
            return found.filter(pk__in=queries.todo(actor, today).values("pk").order_by())
        return found if self.tab == "open" else found.order_by("-id")

    def tabs(self, actor: Actor, today: date) -> list[dict[str, Any]]:
        """The tabs with their counts under the other filters."""
        counted = dict(replace(self, tab="all").rows(actor, today).order_by().values_list("state").annotate(Count("id")))
        ended = sum(counted.get(state, 0) for state in ENDED)
        counts = {"all": sum(counted.values()), "ended": ended, "open": sum(counted.values()) - ended}
        counts["todo"] = replace(self, tab="todo").rows(actor, today).order_by().count()
        return [
            {"label": label, "count": counts[code], "here": code == self.tab, "url": f"?{self.address(tab=code)}"} for code, label in TABS
        ]

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab is asked for."""
        return any(value for name, value in asdict(self).items() if name != "tab")

    def address(self, **changes: str) -> str:
        """These filters, changed, as the query of an address."""
        return urlencode({name: value for name, value in asdict(replace(self, **changes)).items() if value})
