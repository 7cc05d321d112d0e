"""The contributions of the kernel and of the installed packs, as their manifests name them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module

from minzheng.kernel.benefits.snapshot import base
from minzheng.kernel.benefits.snapshot.contribution import Contribution
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.feeds import lake
from minzheng.kernel.foundation.packs import manifests
from minzheng.kernel.rules.inputs import BASE, KEYS
from minzheng.kernel.rules.language import Input


@cache
def contributions() -> tuple[Contribution, ...]:
    """The kernel's first, then the packs' in the order of their manifests. Raises SnapshotError when two share a name or
    fill the same input, or when one asks for a feed or column that there is not."""
    found = list(base.CONTRIBUTIONS)
    for manifest in manifests():
        for module in manifest.snapshot:
            listed = getattr(import_module(module), "CONTRIBUTIONS", None)
            if not isinstance(listed, tuple):
                raise SnapshotError(f"{module}：应有 CONTRIBUTIONS = (…)")
            found.extend(listed)
    check(found)
    return tuple(found)


def check(found: Iterable[Contribution]) -> None:
    """Whether contributions go together, and with the contracts; raises SnapshotError."""
    names: set[str] = set()
    filled: dict[str, str] = {}
    for contribution in found:
        if contribution.name in names:
            raise SnapshotError(f"快照来源“{contribution.name}”有两个")
        names.add(contribution.name)
        for each in contribution.inputs:
            if each.name in filled or each.name in KEYS:
                raise SnapshotError(f"输入项“{each.label}”({each.name})由 {filled.get(each.name, '快照自身')} 和 {contribution.name} 重复提供")
            filled[each.name] = contribution.name
        for contract, columns in contribution.contracts.items():
            if missing := [column for column in columns if column not in lake.schema(contract)]:
                raise SnapshotError(f"快照来源“{contribution.name}”：数据目录 {contract} 没有 {'、'.join(missing)} 列")


def together(*groups: Iterable[Input]) -> dict[str, Input]:
    """Inputs by name: those that every snapshot has, then those of each group. Raises SnapshotError where two inputs of one
    name mean different things."""
    found = {each.name: each for each in BASE}
    for each in (each for group in groups for each in group):
        if found.setdefault(each.name, each) != each:
            raise SnapshotError(f"输入项 {each.name} 有两种说法：“{found[each.name].label}”和“{each.label}”")
    return found
