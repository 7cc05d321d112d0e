"""The night's measure: all readings of all indicators for all places of a day, counted first, then stored in one transaction."""

from __future__ import annotations

import time
from datetime import date

from django.db import transaction
from django.utils import timezone

from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.rounds import Progress
from minzheng.kernel.indicators.catalogue import indicators
from minzheng.kernel.indicators.measuring import in_words, measure, span_of
from minzheng.kernel.indicators.models import IndicatorValue, Measurement, Plan
from minzheng.kernel.indicators.places import Places

CHUNK = 2000


def measure_indicators(*, as_of: date, by: Actor, progress: Progress = lambda done, total: None) -> Measurement:
    """Count everything as of a day and store it; what was stored of that day is replaced. A kill leaves what was there before."""
    started = time.perf_counter()
    plan = Plan.objects.filter(first__lte=as_of, last__gte=as_of).first()
    first, last = (plan.first, plan.last) if plan else (date(as_of.year, 1, 1), date(as_of.year, 12, 31))
    places, now = Places.on(as_of), timezone.now()
    wanted = [(indicator, reading) for indicator in indicators().values() for reading in indicator.readings]
    rows: list[IndicatorValue] = []
    for done, (indicator, reading) in enumerate(wanted):
        progress(done, len(wanted))
        span = span_of(indicator, first, last, as_of)
        found, words = measure(indicator, reading, span, places), in_words(indicator, reading, span)
        rows += [
            IndicatorValue(
                indicator=indicator.name, reading=reading.name, as_of=as_of, place=place, numerator=numerator, denominator=denominator,
                unit=indicator.unit, filter=words, unplaced=found.unplaced if place == places.city else 0, computed_at=now,
            )
            for place, (numerator, denominator) in found.values.items()
        ]  # fmt: skip
    with transaction.atomic():
        IndicatorValue.objects.filter(as_of=as_of).delete()
        Measurement.objects.filter(as_of=as_of).delete()
        IndicatorValue.objects.bulk_create(rows, batch_size=CHUNK)
        seconds = round(time.perf_counter() - started, 3)
        mark = Measurement.objects.create(as_of=as_of, computed_at=now, values_count=len(rows), seconds=seconds)
        audit.record(by, "indicators.measure", f"measurement:{as_of}", readings=len(wanted), values=len(rows))
    progress(len(wanted), len(wanted))
    return mark
