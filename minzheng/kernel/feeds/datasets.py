"""Datasets: what a room of the house itself knows, read like a feed (`lake.scan`, `lake.parts`), though no department sends it.

The form is a contract; the rows are files that the room keeps. A dataset is not in the catalogue of feeds: nothing is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path

from minzheng.kernel.feeds.contracts import Contract, contracts
from minzheng.kernel.foundation.packs import ManifestError, manifests


@dataclass(frozen=True)
class Dataset:
    """`parts(as_of)`: Parquet files with the lake columns of `contract`, as the room knew it at the end of a day."""

    contract: Contract
    parts: Callable[[date], list[Path]]


@cache
def datasets() -> dict[str, Dataset]:
    """All datasets by name, from the manifests. Raises ManifestError for a module without DATASETS or a name twice."""
    found: dict[str, Dataset] = {}
    for manifest in manifests():
        for module in manifest.datasets:
            listed = getattr(import_module(module), "DATASETS", None)
            if not isinstance(listed, tuple):
                raise ManifestError(f"{module}:应有 DATASETS = (…)")
            for dataset in listed:
                if dataset.contract.name in found or dataset.contract.name in contracts():
                    raise ManifestError(f"{module}:数据集名“{dataset.contract.name}”重复")
                found[dataset.contract.name] = dataset
    return found
