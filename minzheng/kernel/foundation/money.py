"""Money is an integer number of 分; rounding has a name."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation


def fen(yuan: str | int | Decimal) -> int:
    """Yuan as text or decimal → 分, half up. Floats are refused: they have already lost the 分."""
    if isinstance(yuan, float):
        raise TypeError("金额不能用浮点数")
    try:
        return int((Decimal(yuan) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except InvalidOperation as error:
        raise ValueError(f"不是金额:{yuan!r}") from error


def yuan(amount_fen: int) -> str:
    """分 → '¥1,234.50' for people."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}¥{abs(amount_fen) // 100:,}.{abs(amount_fen) % 100:02d}"
