"""What changed in a household between two days: members, facts, amounts."""

from __future__ import annotations

from dataclasses import dataclass

from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.registry.masking import mask_name
from minzheng.kernel.registry.models import Fact
from minzheng.kernel.registry.queries import Member
from minzheng.portals.staff.facts import is_hidden, title, words


@dataclass(frozen=True)
class Difference:
    """One line: what it is about, what it was and what it is."""

    label: str
    was: str
    now: str


def between(before: list[Member], after: list[Member]) -> list[Difference]:
    """Differences from one day to another, members first, then each one's facts."""
    old, new = {m.person.pk: m for m in before}, {m.person.pk: m for m in after}
    found = []
    for pk in [*new, *(pk for pk in old if pk not in new)]:
        member = new.get(pk) or old[pk]
        name = mask_name(member.person.name)
        was, now = (old[pk].relation_title if pk in old else ""), (new[pk].relation_title if pk in new else "")
        if was != now:
            found.append(Difference(f"{name} 在户内", was, now))
        found += _facts(name, old[pk].facts if pk in old else [], new[pk].facts if pk in new else [])
    return found


def _facts(name: str, before: list[Fact], after: list[Fact]) -> list[Difference]:
    old, new = _by_kind(before), _by_kind(after)
    return [
        Difference(f"{name} {'敏感信息' if is_hidden(kind) else title(kind)}", old.get(kind, ""), new.get(kind, ""))
        for kind in [*new, *(kind for kind in old if kind not in new)]
        if old.get(kind) != new.get(kind)
    ]


def _by_kind(facts: list[Fact]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for fact in facts:
        if is_hidden(fact.kind):
            text = "有（不在此显示）"
        else:
            text = words(fact.kind, fact.value) + (f" {yuan(fact.amount_fen)}" if fact.amount_fen is not None else "")
        found.setdefault(fact.kind, []).append(text)
    return {kind: "；".join(sorted(texts)) for kind, texts in found.items()}
