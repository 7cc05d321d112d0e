"""Refusals of a whole delivery or request."""

from __future__ import annotations


class IntakeError(Exception):
    """The file cannot be taken in as a whole: what is wrong, where, and what to do, in Chinese. Nothing changed."""


class UnknownName(IntakeError):
    """No contract or batch of that name."""
