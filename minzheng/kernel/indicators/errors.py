"""What the room refuses, in words for the official in front of the screen."""

from __future__ import annotations


class PlanError(Exception):
    """The verb cannot be done; the message says why and what to do, in Chinese. Nothing changed."""


class StalePlan(PlanError):
    """Somebody else changed it after the reader opened it; the message tells what it says now."""


class IndicatorError(Exception):
    """An indicator is not fit to be measured; the message names it and the reason."""
