"""How good the deliveries of each feed were, and how punctual: the last ones side by side. Counts only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Window
from django.db.models.functions import DenseRank

from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.reasons import SENTENCES
from minzheng.kernel.foundation.access import Actor

SHOWN = 12  # deliveries of a feed that make its trend


@dataclass(frozen=True)
class Delivery:
    """All that came of one feed as of one day, as it was sent: perhaps several files, one for each district.

    `gap_days`: since the delivery before; `late_days` of these beyond what was agreed."""

    as_of: date
    batches: list[Batch]
    gap_days: int | None = None
    late_days: int = 0

    @property
    def read(self) -> int:
        return sum(batch.read for batch in self.batches)

    @property
    def accepted(self) -> int:
        return sum(batch.accepted for batch in self.batches)

    @property
    def quarantined(self) -> int:
        return sum(batch.quarantined for batch in self.batches)

    @property
    def reasons(self) -> Counter[str]:
        """Rows by their first reason."""
        sums: Counter[str] = Counter()
        for batch in self.batches:
            sums.update(batch.reasons)
        return sums

    @property
    def share(self) -> float | None:
        """Sound rows among those that were judged; None for a delivery of repeated rows only."""
        judged = self.accepted + self.quarantined
        return self.accepted / judged if judged else None


@dataclass(frozen=True)
class Trend:
    """The last deliveries of one feed, oldest first; supplements are not among them: they would hide how it was sent."""

    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def late(self) -> int:
        """How many came later than agreed."""
        return sum(delivery.late_days > 0 for delivery in self.deliveries)

    def reasons(self) -> list[tuple[str, str, list[int]]]:
        """(code, sentence, rows of each delivery) of what rows were put aside for, most frequent first."""
        sums: Counter[str] = Counter()
        for delivery in self.deliveries:
            sums.update(delivery.reasons)
        return [(code, SENTENCES.get(code, code), [d.reasons.get(code, 0) for d in self.deliveries]) for code, _ in sums.most_common()]


def trends(actor: Actor, contract: str = "") -> dict[str, Trend]:
    """The trend of every feed that has deliveries, or of one; one query. Raises Forbidden."""
    actor.require("feeds.view")
    rows = Batch.objects.filter(corrects=None)
    if contract:
        rows = rows.filter(contract=contract)
    day = Window(DenseRank(), partition_by=[F("contract")], order_by=[F("as_of").desc()])
    found: dict[str, dict[date, list[Batch]]] = {}
    # One day more than is shown: the first one's distance from the delivery before it is wanted too.
    for batch in rows.annotate(place=day).filter(place__lte=SHOWN + 1).order_by("as_of", "id"):
        found.setdefault(batch.contract, {}).setdefault(batch.as_of, []).append(batch)
    return {name: Trend(_deliveries(name, days)) for name, days in found.items()}


def _deliveries(name: str, days: dict[date, list[Batch]]) -> list[Delivery]:
    agreed = contracts()[name].freshness_days if name in contracts() else None
    found: list[Delivery] = []
    before: date | None = None
    for day, batches in days.items():
        gap = (day - before).days if before else None
        late = max(0, gap - agreed) if gap is not None and agreed is not None else 0
        found.append(Delivery(day, batches, gap, late))
        before = day
    return found[-SHOWN:]
