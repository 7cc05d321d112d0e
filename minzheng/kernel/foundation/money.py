"""Money is an integer number of 分; rounding has a name."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation


def fen(yuan: str | int | Decimal) -> int:
    """Yuan as text or decimal → 分, half up (away from zero).

    Floats are refused with TypeError: they have already lost the 分. ValueError for what is no amount; thousands
    separators are the reader's business.
    """
    if isinstance(yuan, float | bool):
        raise TypeError("金额不能用浮点数或是否值")
    try:
        # Decimal would read '1_000' as a thousand and 'NaN' as a number.
        amount = Decimal("NaN") if isinstance(yuan, str) and "_" in yuan else Decimal(yuan)
        return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except (InvalidOperation, ValueError) as error:
        raise ValueError(f"不是金额:{yuan!r}") from error


def yuan(amount_fen: int) -> str:
    """分 → '¥1,234.50' for people."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}¥{abs(amount_fen) // 100:,}.{abs(amount_fen) % 100:02d}"
