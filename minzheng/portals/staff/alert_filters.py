"""The filters of alerts, as they stand in an address: the list, the board, the map and bulk hand-over share them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.monitoring import queries
from minzheng.kernel.monitoring.models import Alert, AlertStep
from minzheng.portals.staff.desk_clocks import spans

HAPPENED = {AlertStep.Verb.RAISED: "新预警", AlertStep.Verb.ASSIGNED: "派单", AlertStep.Verb.ATTEMPTED: "上门未遇", AlertStep.Verb.VISITED: "入户",
            AlertStep.Verb.CLOSED: "办结", AlertStep.Verb.REOPENED: "重开", AlertStep.Verb.ESCALATED: "升级"}  # fmt: skip
DUE = {"today": "今天到期", "week": "本周到期", "later": "以后"}


@dataclass(frozen=True)
class AlertFilters:
    """What an address asks for; the empty text asks for nothing. happened + since + until: to which something was done."""

    status: str = "open"
    scenario: str = ""
    severity: str = ""
    division: str = ""
    overdue: str = ""
    due: str = ""
    handler: str = ""
    happened: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, address: QueryDict) -> AlertFilters:
        """The filters in an address; what is not among them is left aside. A list of what happened is of any state."""
        given = {name: address.get(name, "").strip()[:64] for name in cls.__dataclass_fields__}
        given["status"] = given["status"] or ("all" if given["happened"] else "open")
        return cls(**given)

    def rows(self, actor: Actor, today: date) -> QuerySet[Alert]:
        """The alerts in the actor's jurisdiction under these filters. Raises Forbidden, LookupError, ValueError."""
        found = queries.alerts(
            actor, status="" if self.status == "all" else self.status, scenario=self.scenario, severity=self.severity,
            division=self.division, overdue_on=today if self.overdue else None,
            due=spans(today)[self.due] if self.due else None, handler=int(self.handler) if self.handler else None,
            happened=self._happened(today),
        )  # fmt: skip
        return found.order_by("-closed_on", "-id") if self.status == "closed" else found

    def _happened(self, today: date) -> queries.Happened | None:
        if not self.happened:
            return None
        first = date.fromisoformat(self.since) if self.since else today - timedelta(days=1)
        last = date.fromisoformat(self.until) if self.until else today
        return queries.Happened(AlertStep.Verb(self.happened).value, first, last)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the state is asked for."""
        return any(value for name, value in asdict(self).items() if name != "status")

    @property
    def happened_words(self) -> str:
        """'2024-09-05 以来入户': what a list of what happened says of itself."""
        when = f"{self.since or '昨天'}至 {self.until} " if self.until else f"{self.since or '昨天'}以来"
        return f"{when}{HAPPENED.get(AlertStep.Verb(self.happened), '')}" if self.happened else ""

    def address(self, **changes: str) -> str:
        """These filters, changed, as the query of an address."""
        return urlencode({name: value for name, value in asdict(replace(self, **changes)).items() if value})
