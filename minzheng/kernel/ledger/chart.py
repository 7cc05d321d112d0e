"""The chart of accounts: which accounts there are follows from programmes, purses, channels, districts and levels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from minzheng.kernel.ledger.models import Account

Kind = Account.Kind


@dataclass(frozen=True)
class Spot:
    """An account by its parts; the parts that its kind does not know are empty."""

    kind: str
    district: str
    level: str = ""
    purse: str = ""
    programme: str = ""
    channel: str = ""

    @property
    def code(self) -> str:
        """The account's code, e.g. 'fund/centre/困难群众救助/tianning', 'clearing/bank/minimum_living/tianning'."""
        return "/".join(filter(None, (self.kind, self.channel, self.level, self.purse, self.programme, self.district)))


def appropriation(level: str, purse: str, district: str) -> Spot:
    """Where the money of a level of government comes from; its balance is minus what was ever given."""
    return Spot(Kind.APPROPRIATION, district, level=level, purse=purse)


def fund(level: str, purse: str, district: str) -> Spot:
    """Money of a level of government for a purse, in a district; below zero where a district has advanced it."""
    return Spot(Kind.FUND, district, level=level, purse=purse)


def payable(programme: str, district: str) -> Spot:
    """Owed to people: approved and not yet sent, come back, or parked."""
    return Spot(Kind.PAYABLE, district, programme=programme)


def clearing(channel: str, programme: str, district: str) -> Spot:
    """Sent to a channel that has not answered yet."""
    return Spot(Kind.CLEARING, district, programme=programme, channel=channel)


def paid(programme: str, district: str) -> Spot:
    """Arrived with people, less what they are to give back."""
    return Spot(Kind.PAID, district, programme=programme)


def receivable(programme: str, district: str) -> Spot:
    """To be given back by people."""
    return Spot(Kind.RECEIVABLE, district, programme=programme)


def written_off(programme: str, district: str) -> Spot:
    """Claimed and given up, by the decision of a second person."""
    return Spot(Kind.WRITTEN_OFF, district, programme=programme)


def known_accounts(spots: Iterable[Spot]) -> dict[str, int]:
    """code → primary key of those accounts that are there."""
    codes = sorted({spot.code for spot in spots})
    return dict(Account.objects.filter(code__in=codes).values_list("code", "pk"))
