"""The indicators of the installed rooms and packs, as their manifests name them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from minzheng.kernel.foundation.packs import ManifestError, manifests
from minzheng.kernel.indicators.declarations import Indicator


@cache
def indicators() -> dict[str, Indicator]:
    """All indicators by name, in the order of the manifests. Raises ManifestError when a module holds none or two share a name."""
    found: dict[str, Indicator] = {}
    for manifest in manifests():
        for module in manifest.indicators:
            listed = getattr(import_module(module), "INDICATORS", None)
            if not isinstance(listed, tuple) or not all(isinstance(each, Indicator) for each in listed):
                raise ManifestError(f"{module}：应有 INDICATORS = (Indicator(…), …)")
            for each in listed:
                if each.name in found:
                    raise ManifestError(f"{module}：指标名“{each.name}”重复")
                found[each.name] = each
    return found


def indicator(name: str) -> Indicator:
    """The indicator of that name. Raises LookupError (in Chinese) for an unknown one."""
    if name not in indicators():
        raise LookupError(f"没有指标“{name}”，可用：{'、'.join(indicators())}")
    return indicators()[name]
