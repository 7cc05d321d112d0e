"""`python -m bench.findings`: how right the scenarios are, against the truth of the synthetic city in the deployment's demo.

For each scenario about the roster: alerts that were raised, how many of them concern a household of which the truth says so, and how
many of those households were found. A household is one home; what the truth holds after the last night is left out.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl

from bench.setup import start

LAST_NIGHT = date(2024, 9, 6)


def main() -> None:
    """Print {scenario: {alerts, right, wrongs, found}}."""
    from django.conf import settings

    from minzheng.kernel.monitoring.catalogue import title_of
    from minzheng.kernel.monitoring.models import Alert
    from minzheng.synthetic_city.field_work import WRONGS
    from minzheng.synthetic_city.truth import load_truth

    truth = load_truth(settings.HOME.root / "demo-city")
    concerned = truth.wrong_homes()
    home_of = {number: (village, home) for number, village, home in truth.persons.select("id_number", "village_code", "household_no").iter_rows()}
    found: dict[str, dict[str, Any]] = {}
    for scenario, kind in ({name: kind for name, (kind, _decided) in WRONGS.items()} | {"entitled_not_enrolled": "wrong_absent"}).items():
        numbers = [alert.person.id_number for alert in Alert.objects.filter(scenario=scenario).select_related("person")]
        happened = truth.events.filter(pl.col("kind") == kind, pl.col("on") <= LAST_NIGHT)
        wrongs = {home_of[number] for number in happened["id_number"]}
        found[scenario] = {
            "title": title_of(scenario), "alerts": len(numbers), "right": sum(number in concerned.get(kind, ()) for number in numbers),
            "wrongs": len(wrongs), "found": len(wrongs & {home_of[number] for number in numbers if number in home_of}),
        }  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    start()
    main()
