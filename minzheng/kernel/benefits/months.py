"""A month as runs need it: its people and its terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minzheng.kernel.benefits.causes import Side
from minzheng.kernel.benefits.exclusions import matrix
from minzheng.kernel.benefits.exclusions_now import matrix_now
from minzheng.kernel.benefits.models import Run, Snapshot
from minzheng.kernel.benefits.parameters import Name, plain, scope_of, values_at
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.benefits.reckoning import Terms
from minzheng.kernel.benefits.snapshot import store
from minzheng.kernel.rules.language import Month


def terms_of(month: Month, changed: Mapping[Name, Any] | None = None) -> Terms:
    """All programmes with the values of a month's first day and the matrix; `changed` as in a simulation."""
    return Terms.of(month, programmes(), values_at(month.first, changed=changed), matrix_now())


def side_of(snapshot: Snapshot, terms: Terms) -> Side:
    """A month's people and terms."""
    return Side(store.stored(snapshot.name).people(), terms)


def side_of_run(run: Run) -> Side:
    """What a run rested on, with the values as they were then."""
    was = {
        Name(scope_of(programmes()[programme], name), name): value
        for programme, values in run.values.items() if programme in programmes() for name, value in values.items()
        if name in programmes()[programme].rule.parameters.names()
    }  # fmt: skip
    return side_of(run.snapshot, terms_of(Month.of(run.month), was))


def values_kept(terms: Terms) -> dict[str, dict[str, Any]]:
    """All values as JSON, to keep with a run."""
    return {name: {key: plain(value.dated.value) for key, value in values.items()} for name, values in terms.values.items()}


def titles() -> dict[str, str]:
    """Programme or fact of the matrix → its title."""
    facts = {name: fact.title for name, fact in matrix().facts.items()}
    return facts | {name: programme.title for name, programme in programmes().items()}
