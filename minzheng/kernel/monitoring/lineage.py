"""From an alert back to the deliveries behind its evidence, and from a delivery forward to the alerts that rest on it.

Evidence names the newest delivery of its feed on the night of the finding; a sum over a year rests on many. Which ones is
asked of the lake anew: the household's rows as the feed stood on that day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.lineage import Origin, origins, people_in
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.monitoring.catalogue import scenarios
from minzheng.kernel.monitoring.comparison import columns_needed
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.monitoring.queries import seen_by
from minzheng.kernel.registry.masking import HIDDEN_FACTS
from minzheng.kernel.registry.models import Membership

CHUNK = 5_000


@dataclass(frozen=True)
class Behind:
    """What stands behind the figures of an alert that come from one feed."""

    contract: str
    source: str
    as_of: str
    pieces: list[Mapping[str, Any]]
    origins: list[Origin]

    @property
    def rows(self) -> int:
        return sum(origin.rows for origin in self.origins)


def behind(alert: Alert, actor: Actor) -> list[Behind]:
    """The feeds behind an alert's evidence, in its order, each with the deliveries that hold rows about the household;
    then, without pieces of evidence, what else its scenario read and found rows in: an income is added up from several
    feeds and names one of them.

    The actor has read the alert (`queries.alert`). Pieces without a delivery (standards, feeds that never came) are
    left out, and so are feeds of which not even the existence of a row is told.
    """
    actor.require("alerts.view")
    keys = household_keys({alert.person_id}, actor)[alert.person_id] | {alert.person.person_key}
    pieces: dict[str, list[Mapping[str, Any]]] = {}
    for piece in alert.evidence:
        if contract := contract_of(str(piece.get("batch", ""))):
            pieces.setdefault(contract, []).append(piece)
    found = [
        Behind(contract, str(own[0].get("source", "")), str(own[0].get("as_of", "")), own, origins(contract, keys, alert.raised_on))
        for contract, own in pieces.items()
    ]
    return found + [more for name in _also_read(alert, set(pieces)) if (more := _without_pieces(name, keys, alert)).origins]


def _also_read(alert: Alert, named: set[str]) -> list[str]:
    scenario = scenarios().get(alert.scenario)
    read = columns_needed([scenario]) if scenario else {}
    return [name for name in read if name not in named and not {rule.kind for rule in lake.contract(name).facts} & set(HIDDEN_FACTS)]


def _without_pieces(name: str, keys: set[int], alert: Alert) -> Behind:
    contract, rows = lake.contract(name), origins(name, keys, alert.raised_on)
    as_of = rows[0].batch.as_of.isoformat() if rows else ""
    return Behind(name, f"{'、'.join(contract.owner)}《{contract.title}》", as_of, [], rows)


def contract_of(batch_id: str) -> str:
    """'medical_settlements-20240530-0001' → 'medical_settlements'; '' for what is no batch number."""
    name, _, rest = batch_id.partition("-")
    return name if rest else ""


def resting_on(batch: Batch, actor: Actor) -> list[Alert]:
    """Alerts in the actor's jurisdiction whose evidence draws on a delivery's feed and whose household has rows in this
    very delivery, newest first. Counts of it are for whoever may see batches; the alerts for whoever may see alerts."""
    actor.require("feeds.view")
    # The beginning of a batch number is the name of its feed; stored alike by both databases.
    cites = Q(evidence__icontains=f'"batch": "{batch.contract}-')
    rows = seen_by(scoped(Alert.objects.filter(cites, raised_on__gte=batch.as_of), actor), actor).select_related("person")
    found = list(rows.order_by("-raised_on", "-id"))
    keys = household_keys({alert.person_id for alert in found}, actor)
    inside = people_in(batch, {key for household in keys.values() for key in household})
    return [alert for alert in found if keys[alert.person_id] & inside]


def household_keys(person_ids: set[int], actor: Actor) -> dict[int, set[int]]:
    """Person → pseudonyms of all who ever shared a household with that person, the person's own among them."""
    home_of: dict[int, set[int]] = {pk: set() for pk in person_ids}
    for part in _parts(person_ids):
        rows = scoped(Membership.objects.filter(person_id__in=part), actor)
        for person, home in rows.values_list("person_id", "household_id"):
            home_of[person].add(home)
    in_home: dict[int, set[int]] = {}
    for part in _parts({home for homes in home_of.values() for home in homes}):
        rows = scoped(Membership.objects.filter(household_id__in=part), actor)
        for home, key in rows.values_list("household_id", "person__person_key"):
            in_home.setdefault(home, set()).add(key)
    return {person: {key for home in homes for key in in_home.get(home, ())} for person, homes in home_of.items()}


def _parts(ids: set[int]) -> list[list[int]]:
    ordered = sorted(ids)
    return [ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK)]
