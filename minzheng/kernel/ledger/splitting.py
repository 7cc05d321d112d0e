"""Who bears an amount: divided among the levels of government in percent, to the 分. Knows no database."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

LEVELS = {"centre": "中央", "province": "省级", "city": "市级", "district": "区级"}
WHOLE = 10_000  # shares are in hundredths of a percent


def shares_of(percents: Mapping[str, int | Decimal]) -> dict[str, int]:
    """{'centre': 40, 'district': 60} in percent → hundredths of a percent, in the order of the levels.

    Raises ValueError (in Chinese) for an unknown level, a negative share, more than two decimals, or another sum than 100.
    """
    if unknown := set(percents) - set(LEVELS):
        raise ValueError(f"没有这一级财政：{'、'.join(sorted(unknown))}；可用：{'、'.join(LEVELS)}")
    found = {}
    for level in LEVELS:
        percent = percents.get(level, 0)
        if isinstance(percent, float):
            raise ValueError(f"{LEVELS[level]}负担比例不能用浮点数：{percent}")
        share = Decimal(percent) * 100
        if share < 0 or share != int(share):
            raise ValueError(f"{LEVELS[level]}负担比例应为 0 到 100、至多两位小数的百分数，收到的是 {percent}")
        if share:
            found[level] = int(share)
    if sum(found.values()) != WHOLE:
        raise ValueError(f"各级负担比例合计应为 100%，收到的是 {Decimal(sum(found.values())) / 100}%")
    return found


def split(amount_fen: int, shares: Mapping[str, int]) -> dict[str, int]:
    """An amount in 分 by shares (hundredths of a percent that sum to 10,000), by largest remainder: each source gets its
    share rounded down, the 分 left over go one each to the largest remainders, of equal ones to the higher level.

    The parts sum to the amount exactly. Raises ValueError for a negative amount or shares that are not the whole.
    """
    if amount_fen < 0:
        raise ValueError(f"要分摊的金额不能为负：{amount_fen}")
    if sum(shares.values()) != WHOLE or min(shares.values()) < 0:
        raise ValueError("各级负担比例合计应为 100%")
    parts = {level: amount_fen * share // WHOLE for level, share in shares.items()}
    order = sorted(shares, key=lambda level: (-(amount_fen * shares[level] % WHOLE), list(LEVELS).index(level)))
    for level in order[: amount_fen - sum(parts.values())]:
        parts[level] += 1
    return parts
