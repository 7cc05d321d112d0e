"""Whether a night of some date can run at all; asked before anything is changed."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from minzheng.kernel.foundation.calendar import add_working_days
from minzheng.kernel.monitoring.actions.handover import ESCALATION
from minzheng.kernel.monitoring.catalogue import scenarios
from minzheng.kernel.monitoring.comparison import values_of
from minzheng.kernel.rules.engines import engine


def check_ready(as_of: date) -> None:
    """Raise, in Chinese, what is missing: EngineError, LookupError (a parameter without a value on the
    date), CalendarMissing (working days that the official calendar does not know yet)."""
    engine(settings.MONITORING_ENGINE)
    longest = max((scenario.visit_working_days for scenario in scenarios().values()), default=0)
    for scenario in scenarios().values():
        values_of(scenario, as_of)
    rungs = ESCALATION.at(as_of)
    add_working_days(as_of, max(longest, *(rungs.number(name) for name in ESCALATION.names())))
