"""Addresses of all routes for something inside the village of the test world, or elsewhere."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, reverse

from minzheng.kernel.casework.models import CasePaper
from minzheng.portals.staff.urls import urlpatterns
from tests.portals.staff.world import World

# What the parameters of addresses are about. A route with a parameter that is not here fails; one about something in
# PLACED must look like a missing page to whoever has no business in that place.
PLACED = {"review_id", "recovery_id", "override_id", "document_id", "alert_id", "household_id", "person_id", "organisation_id", "facility_id", "division_id", "unit_id",
          "payment_batch_id", "payment_line_id", "case_id", "bundle_number", "report_id"}
OWNED = {"notification_id": "city_official", "job_id": "data_steward"}  # whose it is: to everybody else it looks like a missing page
PIECES = {"alert_trial", "plan_wall_part"}  # parts that a page fetches into itself: no head, no frame of their own
names = [str(pattern.name) for pattern in urlpatterns]


def pattern_of(name: str) -> URLPattern:
    """The route of that name."""
    return next(pattern for pattern in urlpatterns if pattern.name == name)


def parameters(name: str) -> list[str]:
    """The names of the parameters in a route's address."""
    return list(pattern_of(name).pattern.converters)


def values(world: World, outside: bool = False) -> tuple[dict[str, Any], str]:
    """For each parameter of addresses a value inside the village or elsewhere, and the code of that place."""
    alert = world.outside_alert if outside else world.alerts[0]
    household = world.households[-1] if outside else world.households[0]
    assert alert and world.batch and world.run and world.job and world.parameter_change and world.benefits
    paper = CasePaper.objects.get(case=world.cases[-1 if outside else 0], kind="")
    assert world.channel_file and world.plan
    side = -1 if outside else 0
    found: dict[str, Any] = {
        "organisation_id": world.organisations[side].pk, "facility_id": world.facilities[side].pk,
        "division_id": (world.other_village if outside else world.village).pk,
        "unit_id": world.units[side].pk, "user_id": world.users["grid_worker"].pk,
        "alert_id": alert.pk, "household_id": household.pk, "person_id": alert.person_id, "contract": "deaths",
        "batch_id": world.batch.batch_id, "run_id": world.run.pk, "notification_id": world.notification.pk,
        "document_id": world.documents[side].pk, "job_id": world.job.pk,
        "benefit_run_id": world.benefits.run.pk, "review_id": world.benefits.reviews[side].pk,
        "recovery_id": world.benefits.recoveries[side].pk, "override_id": world.benefits.overrides[side].pk,
        "scope": "standards", "name": "subsistence_standard", "change_id": world.parameter_change.pk,
        "payment_batch_id": world.payments[side].batch_id, "payment_line_id": world.payments[side].pk, "channel_file_id": world.channel_file.pk,
        "bundle_number": world.bundles[side].number, "case_id": paper.case_id, "case_paper_id": paper.pk, "verb": "pause", "paper_kind": "acceptance",
        "item_number": world.plan.item.number, "plan_verb": "remark", "plan_decision": "confirm", "plan_figure": "T06", "evidence_id": world.plan.evidence.pk,
        "statistics_month": "2024-05", "report_id": world.plan.reports[side].pk,
    }  # fmt: skip
    return found, alert.division_code


def address(name: str, world: World, outside: bool = False) -> tuple[str, str]:
    """The route's address for something inside the village or elsewhere, and the code of that place."""
    found, place = values(world, outside)
    return reverse(f"staff:{name}", kwargs={key: found[key] for key in parameters(name)}), place
