"""Where a subject ('household:12') is shown: its own page where it has one, else its record in a register."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.registers import Register, registers

# Pages made by hand: kind of subject → route, capability.
PAGES = {
    "household": ("household", "households.view"),
    "alert": ("alert", "alerts.view"),
    "case": ("case", "cases.view"),
    "batch": ("batch", "feeds.view"),
    "user": ("account_of", "users.view"),
}


def page_of_subject(subject: str, actor: Actor) -> str:
    """The address of a subject's page, or '' when there is none for this reader."""
    kind, _, pk = subject.partition(":")
    if kind in PAGES and actor.may(PAGES[kind][1]):
        try:
            return reverse(f"staff:{PAGES[kind][0]}", args=[pk])
        except NoReverseMatch:
            return ""
    register = next((known for known in registers().values() if known.kind == kind), None)
    return record_address(register, int(pk)) if register and actor.may(register.capability) else ""


def record_address(register: Register, pk: int) -> str:
    """The page of a record."""
    return reverse(f"staff:{route(register, 'record')}", args=[pk])


def list_address(register: Register) -> str:
    """The page of the list."""
    return reverse(f"staff:{route(register)}")


def route(register: Register, page: str = "") -> str:
    """The name of a register's route: register_people, register_people_record …"""
    name = f"register_{register.slug.replace('-', '_')}"
    return f"{name}_{page}" if page else name
