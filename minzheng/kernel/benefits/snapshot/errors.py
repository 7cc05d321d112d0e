"""Refusals of snapshots."""

from __future__ import annotations


class SnapshotError(ValueError):
    """A snapshot cannot be taken or read: what is wrong, where, and what to do, in Chinese. Nothing changed."""
