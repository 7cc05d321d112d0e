"""Manifests: all that the kernel reads of a pack or of one of its own rooms, validated at start-up.

A pack has `pack.py` with PACK, a kernel room that takes part in rounds or brings contracts has `room.py`
with ROOM; both are a `Manifest`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from django.apps import apps

from minzheng.kernel.foundation.rounds import Step


@dataclass(frozen=True)
class Manifest:
    """name: code name; title: 业务名称; contracts: folder of feed contracts; scenarios: modules that each
    hold one SCENARIO; steps: what it does in the night's round."""

    name: str
    title: str
    contracts: Path | None = None
    scenarios: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    on_death: Callable[..., None] | None = None
    glossary: dict[str, str] = field(default_factory=dict)


@cache
def manifests() -> tuple[Manifest, ...]:
    """The manifests of all installed rooms and packs, in the order of INSTALLED_APPS."""
    found = []
    for app in apps.get_app_configs():
        if not app.name.startswith("minzheng."):
            continue
        for module, attribute in ((f"{app.name}.room", "ROOM"), (f"{app.name}.pack", "PACK")):
            if find_spec(module):
                found.append(getattr(import_module(module), attribute))
    return tuple(found)
