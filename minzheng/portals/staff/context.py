"""What the frame of every page shows: business date, role, jurisdiction, the rail, the synthetic strip."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from minzheng.kernel.foundation import clock


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor for all templates of the portal."""
    return {"business_date": clock.business_date(), "synthetic": settings.SYNTHETIC}
