"""From an alert back to the deliveries behind its figures."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from minzheng.kernel.monitoring import queries
from minzheng.kernel.monitoring.lineage import behind
from minzheng.kernel.monitoring.models import Alert
from minzheng.portals.staff.evidence import cards
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.alerts import heading


@page("alerts.view")
def alert_sources(request: StaffRequest, alert_id: int) -> HttpResponse:
    """Each figure of an alert's evidence with the deliveries that hold the household's rows, and the standards applied."""
    actor = request.actor
    try:
        found = queries.alert(alert_id, actor)
    except Alert.DoesNotExist as missing:
        raise Http404 from missing
    sources = [
        {"behind": source, "cards": cards(source.pieces), "also": not source.pieces} for source in behind(found, actor)
    ]
    everything = cards(found.evidence)
    context = {
        **heading(found), "sources": sources, "rules": [card for card in everything if card.rule],
        "unfed": [card for card in everything if not card.rule and not card.batch], "may_batches": actor.may("feeds.view"),
    }  # fmt: skip
    return render(request, "staff/alerts/sources.html", context)
