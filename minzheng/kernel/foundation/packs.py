"""Manifests: all that the kernel reads of a pack or of one of its own rooms, validated at start-up.

A pack has `pack.py` with PACK, a kernel room that takes part in rounds or brings contracts has `room.py`
with ROOM; both are a `Manifest`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from django.apps import apps

from minzheng.kernel.foundation.rounds import Step, in_order


@dataclass(frozen=True)
class Manifest:
    """name: code name; title: 业务名称; contracts: folder of feed contracts; scenarios: modules that each
    hold one SCENARIO; registers: modules that each hold one REGISTER (台账); jobs: modules that each hold one
    WORK, a kind of long work; programmes: modules that each hold one PROGRAMME (待遇项目);
    snapshot: modules that each hold CONTRIBUTIONS to the snapshot of a month; rosters: YAML file that says what the
    pack's own lists mean for benefits; datasets: modules that each hold DATASETS, what the room itself gives to be
    compared like a feed; indicators: modules that each hold INDICATORS, figures of the yearly plan; steps: what it does in the night's round; fact_kinds: titles of the kinds of facts that it writes."""

    name: str
    title: str
    contracts: Path | None = None
    scenarios: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    snapshot: tuple[str, ...] = ()
    rosters: Path | None = None
    datasets: tuple[str, ...] = ()
    services: Path | None = None
    indicators: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    fact_kinds: Callable[[], Mapping[str, str]] | None = None
    on_death: Callable[..., None] | None = None
    glossary: dict[str, str] = field(default_factory=dict)


class ManifestError(ValueError):
    """A manifest is wrong; the message names the module and what is wrong with it, in Chinese."""


@cache
def manifests() -> tuple[Manifest, ...]:
    """The manifests of all installed rooms and packs, in the order of INSTALLED_APPS.

    Raises ManifestError unless names are unique, listed scenario modules and contract folders are there, and the
    steps of all together can be put in order.
    """
    found: dict[str, Manifest] = {}
    for app in apps.get_app_configs():
        if not app.name.startswith("minzheng."):
            continue
        for module, attribute in ((f"{app.name}.room", "ROOM"), (f"{app.name}.pack", "PACK")):
            if find_spec(module):
                found[module] = _manifest(module, attribute)
    validate(found)
    return tuple(found.values())


def validate(found: dict[str, Manifest]) -> None:
    """Check manifests by the module they stand in; raises ManifestError."""
    names: dict[str, str] = {}
    for module, manifest in found.items():
        if manifest.name in names:
            raise ManifestError(f"{module}:名称“{manifest.name}”已由 {names[manifest.name]} 使用")
        names[manifest.name] = module
        if manifest.contracts is not None and not manifest.contracts.is_dir():
            raise ManifestError(f"{module}:数据目录文件夹不存在:{manifest.contracts.name}")
        if manifest.rosters is not None and not manifest.rosters.is_file():
            raise ManifestError(f"{module}:名册说明文件不存在:{manifest.rosters.name}")
        if manifest.services is not None and not manifest.services.is_dir():
            raise ManifestError(f"{module}:服务事项文件夹不存在:{manifest.services.name}")
        modules = {
            "场景": manifest.scenarios, "台账": manifest.registers, "任务": manifest.jobs,
            "待遇项目": manifest.programmes, "快照": manifest.snapshot, "指标": manifest.indicators,
        }  # fmt: skip
        for what, listed in modules.items():
            for position, name in enumerate(listed):
                if name in listed[:position]:
                    raise ManifestError(f"{module}:{what} {name} 列了两次")
                if not _exists(name):
                    raise ManifestError(f"{module}:{what}模块不存在:{name}")
    try:
        in_order(tuple(step for manifest in found.values() for step in manifest.steps))
    except ValueError as error:
        raise ManifestError(f"批处理步骤排不出顺序:{error}") from error


def _manifest(module: str, attribute: str) -> Manifest:
    manifest = getattr(import_module(module), attribute, None)
    if not isinstance(manifest, Manifest):
        raise ManifestError(f"{module}:应有 {attribute} = Manifest(…)")
    return manifest


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it is missing
        return False


def round_steps() -> tuple[Step, ...]:
    """The steps of the night's round: those of all manifests."""
    return tuple(step for manifest in manifests() for step in manifest.steps)
