"""What the room refuses, in words for the official in front of the screen."""

from __future__ import annotations


class AlertError(Exception):
    """The verb cannot be done on this alert; the message says why and what to do, in Chinese."""


class StaleAlert(AlertError):  # noqa: N818 - reads as what it is: a stale alert
    """Somebody else changed the alert meanwhile; the message lists what happened since."""


class ScenarioError(Exception):
    """A scenario or its parameters are not fit to run; the message names file and reason."""
