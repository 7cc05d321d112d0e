"""What the room refuses, in words for the official in front of the screen."""

from __future__ import annotations


class BenefitsError(Exception):
    """The verb cannot be done; the message says why and what to do, in Chinese. Nothing changed."""


class StaleRun(BenefitsError):
    """The run changed, or what it rests on did, after the reader opened it."""


class Unverified(BenefitsError):
    """Parameters that the bureau has not confirmed stand behind the run: no money may go out on them."""
