"""Notifications: the list behind the bell, a page of all, and going where one leads."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from minzheng.kernel.foundation.models import Notification
from minzheng.kernel.foundation.notifications import actions, queries
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import ANYBODY, page
from minzheng.portals.staff.paging import page_of

LATEST = 8  # under the bell
ICONS = {"handed_over": "inbox", "assigned": "send", "reopened": "refresh", "climbed": "alert-triangle",
         "late_delivery": "database", "round_failed": "moon", "benefit_run": "package", "benefit_submitted": "package",
         "case_assigned": "folder", "case_climbed": "alert-triangle", "recheck": "calendar-due", "plan_task": "target", "plan_soon": "calendar-due", "plan_late": "alert-triangle"}  # fmt: skip
ROUTES = {"alert": ("alert", "alert_id"), "contract": ("contract", "contract"), "round": ("round", "run_id"),
          "batch": ("batch", "batch_id"), "household": ("household", "household_id"), "run": ("benefit_run", "benefit_run_id"),
          "case": ("case", "case_id"), "plan_item": ("plan_item", "item_number")}  # fmt: skip
LISTS = {"alerts:mine": ("desk", ""), "alerts:overdue": ("alerts", "?status=open&overdue=1"),
         "cases:overdue": ("cases", "?tab=open&overdue=1"), "cases:recheck": ("case_rechecks", "")}


@dataclass(frozen=True)
class Row:
    """A notification with the icon of its kind."""

    note: Notification
    icon: str


@page(ANYBODY)
def notifications(request: StaffRequest) -> HttpResponse:
    """One's own notifications; with the header `X-Part: list` the latest, for the menu under the bell."""
    if request.headers.get("X-Part") == "list":
        return render(request, "staff/notifications/list.html", {"rows": rows(queries.mine(request.actor)[:LATEST])})
    page_obj = page_of(request, queries.mine(request.actor))
    return render(request, "staff/notifications/page.html", {"rows": rows(page_obj.object_list), "page_obj": page_obj})


@page(ANYBODY, "POST")
def open_notification(request: StaffRequest, notification_id: int) -> HttpResponse:
    """Mark one read and go where it leads."""
    try:
        found = queries.one(notification_id, request.actor)
    except Notification.DoesNotExist as missing:
        raise Http404 from missing
    actions.mark_read(by=request.actor, notification_id=found.pk)
    return redirect(target(found.subject))


@page(ANYBODY, "POST")
def read_notifications(request: StaffRequest) -> HttpResponse:
    """Mark all of one's own read."""
    actions.mark_read(by=request.actor)
    return redirect("staff:notifications")


def rows(notes: object) -> list[Row]:
    """Notifications as the templates show them."""
    return [Row(note, ICONS.get(note.kind, "bell")) for note in notes]  # type: ignore[attr-defined]


def target(subject: str) -> str:
    """The address of what a notification is about; the list of notifications when it is about no page."""
    if subject in LISTS:
        route, query = LISTS[subject]
        return reverse(f"staff:{route}") + query
    kind, _colon, key = subject.partition(":")
    if kind in ROUTES and key:
        route, parameter = ROUTES[kind]
        return reverse(f"staff:{route}", kwargs={parameter: key})
    return reverse("staff:notifications")
