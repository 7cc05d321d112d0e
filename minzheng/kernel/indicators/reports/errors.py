"""What a report refuses, in words for whoever asked for it."""

from __future__ import annotations


class ReportError(Exception):
    """The report cannot be made; the message says why and what to do, in Chinese. Nothing changed."""
