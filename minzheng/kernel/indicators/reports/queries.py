"""Reading reports: those about places inside the reader's jurisdiction."""

from __future__ import annotations

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators.places import Places
from minzheng.kernel.indicators.queries.jurisdiction import may_see
from minzheng.kernel.indicators.reports.models import Report

SHOWN = 200


def reports(actor: Actor) -> list[Report]:
    """The newest reports that the actor may read, without what is frozen in them. Raises Forbidden."""
    actor.require("plan.view")
    places = Places.on(clock.business_date())
    rows = Report.objects.defer("frozen").order_by("-pk")
    return [row for row in rows[:SHOWN] if _mine(actor, row, places)]


def report_for(actor: Actor, report_id: int) -> Report:
    """One report. Raises Forbidden without the right to read the plan, LookupError when there is none in the reader's places."""
    actor.require("plan.view")
    row = Report.objects.filter(pk=report_id).first()
    if row is None or not _mine(actor, row, Places.on(clock.business_date())):
        raise LookupError("没有这份报告，或它不在您的辖区内")
    return row


def _mine(actor: Actor, row: Report, places: Places) -> bool:
    if row.place in places.titles:
        return may_see(actor, row.place, places)
    return row.made_by == actor.name  # a jurisdiction that is no single place: whoever made it
