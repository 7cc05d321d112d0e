"""What the ledger refuses, in words for the official in front of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class LedgerError(Exception):
    """The verb cannot be done; the message says why and what to do, in Chinese. Nothing changed."""


class KeyClash(LedgerError):
    """The idempotency key is taken by something else; a true repetition is no error."""


class MonthNotClosed(LedgerError):
    """The month has not been closed: its figures may still change."""


class MonthIsClosed(LedgerError):
    """The month has been closed: nothing more can be booked in it."""


class SamePerson(LedgerError):
    """A second person has to do this."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file or a list, and in which line (1 is the first; 0 is the whole)."""

    place: int
    reason: str

    def __str__(self) -> str:
        return f"第 {self.place:,} 行：{self.reason}" if self.place else self.reason


class Refused(LedgerError):
    """A file or a list is refused as a whole; `faults` are the first of what is wrong, with their places."""

    SHOWN = 20

    def __init__(self, what: str, faults: Sequence[Fault], total: int | None = None) -> None:
        self.faults = tuple(faults[: self.SHOWN])
        self.total = len(faults) if total is None else total
        more = f"；共 {self.total:,} 处" if self.total > len(self.faults) else ""
        super().__init__(f"{what}：{'；'.join(map(str, self.faults))}{more}。什么都没有入账，请改正后再试")
