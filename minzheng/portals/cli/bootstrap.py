"""Bring a deployment up to date before a command runs: schema, divisions, official calendar."""

from __future__ import annotations

import fcntl

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from minzheng.kernel.divisions.actions import load_divisions, load_points
from minzheng.kernel.divisions.models import Division, DivisionPoint
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.actions import load_calendar
from minzheng.kernel.foundation.models import CalendarDay


def bring_up_to_date() -> None:
    """Apply missing migrations and load the reference tables of an empty deployment.

    One process does it, the others wait; a kill in between is completed by the next command.
    """
    if _is_up_to_date():
        return
    with (settings.HOME.work / "bootstrap.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if _is_up_to_date():
            return
        call_command("migrate", verbosity=0, interactive=False)
        operator = Actor.system("部署程序")
        if not CalendarDay.objects.exists():
            load_calendar(by=operator)
        if not Division.objects.exists():
            load_divisions(by=operator)
        elif not DivisionPoint.objects.exists():  # a deployment from before there was a map
            load_points(by=operator)


def _is_up_to_date() -> bool:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    return CalendarDay.objects.exists() and Division.objects.exists() and DivisionPoint.objects.exists()
