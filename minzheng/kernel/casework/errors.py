"""What the room refuses, in words for the official or citizen in front of the screen."""

from __future__ import annotations


class CaseError(Exception):
    """The verb cannot be done; the message says why and what to do, in Chinese. Nothing changed."""


class NotAllowed(CaseError):
    """The case does not stand where this verb may be done, or it is another's work."""


class StaleCase(CaseError):
    """The case changed after the reader opened it; the message tells what happened since."""


class Unauthorised(CaseError):
    """核对 without a live authorisation of everybody concerned: refused, and the refusal is on record."""


class FormFaults(CaseError):
    """The form is not complete or not sound; `faults` names every field with its reason."""

    def __init__(self, faults: tuple[FieldFault, ...]) -> None:
        super().__init__("；".join(f"{fault.label}：{fault.reason}" for fault in faults))
        self.faults = faults


class FieldFault:
    """What is wrong with one field: its path in the form ('members.2.name'), its label, the reason in Chinese."""

    __slots__ = ("field", "label", "reason")

    def __init__(self, field: str, label: str, reason: str) -> None:
        self.field, self.label, self.reason = field, label, reason

    def __repr__(self) -> str:
        return f"FieldFault({self.field!r}, {self.reason!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldFault) and (self.field, self.reason) == (other.field, other.reason)

    def __hash__(self) -> int:
        return hash((self.field, self.reason))
