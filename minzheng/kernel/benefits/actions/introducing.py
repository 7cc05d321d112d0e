"""Whoever a run is about becomes known to the bureau: lines need names, payments need payees."""

from __future__ import annotations

from django.db import connection

from minzheng.kernel.benefits.models import Entitlement, Run, RunChange
from minzheng.kernel.feeds.acquaintance import make_known
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.models import Person

CHUNK = 20_000
# Nobody looks at anybody here: names go from the vault to the registry sealed, whatever the rights of who asked.
MACHINE = Actor.system("待遇发放")


def introduce(run: Run, by: Actor) -> int:
    """Make the payees of a run's lines known, with their households; returns of how many nothing was known. Idempotent: a kill
    leaves the rest for the next call. Whom the population register does not know stays unknown. The first run introduces
    those too who go on receiving what they did by the rosters: no line is about them."""
    changes, people, entitled = RunChange._meta.db_table, Person._meta.db_table, Entitlement._meta.db_table
    opened = f" UNION SELECT person_key FROM {entitled} WHERE opening_id IS NOT NULL AND valid_to IS NULL" if run.previous_id is None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.person_key FROM (SELECT person_key FROM {changes} WHERE run_id = %s{opened}) c"
            f" LEFT JOIN {people} p ON p.person_key = c.person_key WHERE p.id IS NULL ORDER BY c.person_key",
            [run.pk],
        )
        keys = list(dict.fromkeys(key for (key,) in cursor.fetchall()))
    for start in range(0, len(keys), CHUNK):
        make_known(keys[start : start + CHUNK], MACHINE, f"{run.month} 待遇发放（{by.name}）", clock.business_date())
    return len(keys)
