"""The service items and bundles of the installed packs, as their manifests name them (`services`: a folder of YAML files)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.items import Bundle, Item, Service, read_bundle, read_item
from minzheng.kernel.foundation.declared import DeclarationError
from minzheng.kernel.foundation.packs import manifests


@cache
def items() -> dict[str, Item]:
    """All service items by name, in the order of the manifests. Raises DeclarationError (file, line, reason) for a file that is wrong
    and for a name that two packs use."""
    return read_items(folder for manifest in manifests() if (folder := manifest.services))


@cache
def bundles() -> dict[str, Bundle]:
    """All bundles (一件事) by name. Raises DeclarationError, also for an item that there is not."""
    found: dict[str, Bundle] = {}
    for manifest in manifests():
        for path in sorted(manifest.services.glob("*.yaml")) if manifest.services else ():
            if _is_bundle(path):
                bundle = read_bundle(path)
                check_bundle(bundle, items(), path.name)
                found[bundle.name] = bundle
    return found


def read_items(folders: Iterable[Path]) -> dict[str, Item]:
    """The items of some folders, bundles left out. Raises DeclarationError."""
    found: dict[str, Item] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            if _is_bundle(path):
                continue
            item = read_item(path)
            if item.name in found:
                raise DeclarationError(f"{path.name}：事项名“{item.name}”已有另一个业务使用")
            found[item.name] = item
    return found


def check_bundle(bundle: Bundle, known: dict[str, Item], file: str) -> None:
    """Raise DeclarationError unless a bundle's items and fields are there."""
    for part in bundle.items:
        if part.item not in known:
            raise DeclarationError(f"{file}：没有事项“{part.item}”")
        if missing := sorted({*part.fields.values(), *([part.when.field] if part.when else [])} - set(bundle.form.fields)):
            raise DeclarationError(f"{file}：事项“{part.item}”用到的字段不在表单里：{'、'.join(missing)}")


def item(name: str) -> Item:
    """The item of that name. Raises CaseError."""
    if name not in items():
        raise CaseError(f"没有办事事项“{name}”")
    return items()[name]


def item_at(name: str, day: date) -> Service:
    """The item in the version that holds on a day. Raises CaseError (unknown, not yet or no longer open)."""
    found = item(name)
    for version in found.versions:
        if version.holds_on(day):
            return Service(found, version)
    raise CaseError(f"事项“{found.title}”在 {day} 没有施行中的版本，不能开办")


def service(name: str, version: str) -> Service:
    """The item in the version that a case keeps. Raises CaseError, LookupError (in Chinese)."""
    found = item(name)
    return Service(found, found.version(version))


def on_day(day: date) -> dict[str, Service]:
    """All items that are open on a day, each in its version of that day."""
    return {
        name: Service(each, version) for name, each in items().items() for version in each.versions if version.holds_on(day)
    }  # fmt: skip


def scheduled(day: date) -> list[Service]:
    """Versions that will come into force after a day, earliest first."""
    found = [Service(each, version) for each in items().values() for version in each.versions if version.from_ > day]
    return sorted(found, key=lambda each: each.version.from_)


def for_situation(situation: str, day: date) -> list[Service]:
    """The items that a citizen in that life situation may look at (a key of parts.LIFE_SITUATIONS)."""
    return [each for each in on_day(day).values() if situation in each.item.life_situations and each.item.opens == "citizen"]


def _is_bundle(path: Path) -> bool:
    """Whether the file says so; one that cannot be read is taken for an item, whose reader says what is wrong."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return False
    return isinstance(content, dict) and content.get("bundle") is True
