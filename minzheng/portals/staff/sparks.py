"""Small charts in a table's row: a bar for each delivery or night, with the same in words for those who do not see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minzheng.kernel.feeds.trends import Delivery, Trend
from minzheng.portals.staff.templatetags.staff import quality

HEIGHT, STEP, WIDTH = 24, 8, 6  # of the drawing: height, from bar to bar, width of a bar
LEAST = 2  # so that the worst is still seen
FLOOR = 0.9  # where bars of shares begin: between 90% and 100% lies all that is worth telling apart
SOUND, POOR = 0.99, 0.95


@dataclass(frozen=True)
class Bar:
    """One bar of the drawing, and what it stands for."""

    x: int
    y: int
    height: int
    tone: str
    said: str


@dataclass(frozen=True)
class Spark:
    """Bars, oldest first, and the whole in words."""

    bars: list[Bar]
    said: str

    @property
    def width(self) -> int:
        return max(1, len(self.bars)) * STEP - (STEP - WIDTH)


def of_shares(trend: Trend) -> Spark:
    """How good each of the last deliveries was."""
    known = [(delivery, delivery.share) for delivery in trend.deliveries if delivery.share is not None]
    bars = [_bar(place, (share - FLOOR) / (1 - FLOOR), tone(share), words(delivery)) for place, (delivery, share) in enumerate(known)]
    return Spark(bars, f"最近 {len(known)} 期合格率：" + "、".join(f"{d.as_of:%Y-%m-%d} {quality(share)}" for d, share in known))


def of_seconds(nights: Sequence[tuple[str, float]], what: str = "用时") -> Spark:
    """How long something took in each of some nights: (date, seconds); the last one stands out."""
    longest = max((seconds for _, seconds in nights), default=0) or 1
    bars = [
        _bar(place, seconds / longest, "now" if place == len(nights) - 1 else "past", f"{night} {seconds:.1f} 秒")
        for place, (night, seconds) in enumerate(nights)
    ]
    return Spark(bars, f"最近 {len(nights)} 次{what}：" + "、".join(f"{night} {seconds:.1f} 秒" for night, seconds in nights))


def words(delivery: Delivery) -> str:
    """'截至 2024-05-31:合格率 99.78%(隔离 2 行)'."""
    return f"截至 {delivery.as_of}：合格率 {quality(delivery.share)}，隔离 {delivery.quarantined:,} 行"


def tone(share: float) -> str:
    """Green, amber or red."""
    return "green" if share >= SOUND else "amber" if share >= POOR else "red"


def _bar(place: int, part: float, colour: str, said: str) -> Bar:
    height = max(LEAST, round(min(1.0, max(0.0, part)) * HEIGHT))
    return Bar(place * STEP, HEIGHT - height, height, colour, said)
