"""The programmes of the installed packs, as their manifests name them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.packs import ManifestError, manifests
from minzheng.kernel.rules.language import Input


@cache
def programmes() -> dict[str, Programme]:
    """All programmes by name, in the order of the manifests. Raises ManifestError when a module holds none or two
    share a name."""
    found: dict[str, Programme] = {}
    for manifest in manifests():
        for module in manifest.programmes:
            programme = getattr(import_module(module), "PROGRAMME", None)
            if not isinstance(programme, Programme):
                raise ManifestError(f"{module}:应有 PROGRAMME = Programme(…)")
            if programme.name in found:
                raise ManifestError(f"{module}:待遇项目名“{programme.name}”重复")
            found[programme.name] = programme
    return found


def programme(name: str) -> Programme:
    """The programme of that name. Raises LookupError (in Chinese) for an unknown one."""
    if name not in programmes():
        raise LookupError(f"没有待遇项目“{name}”，可用：{'、'.join(programmes())}")
    return programmes()[name]


@cache
def inputs() -> dict[str, Input]:
    """All inputs that the programmes read, by name. Raises ManifestError when two packs mean different things by one."""
    found: dict[str, Input] = {}
    for each in programmes().values():
        for asked in each.rule.inputs:
            if found.setdefault(asked.name, asked) != asked:
                raise ManifestError(f"待遇项目“{each.title}”的输入“{asked.name}”与别的项目写得不一样")
    return found
