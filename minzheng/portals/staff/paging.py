"""Pages of a list, with the page's number in the address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PER_PAGE = 50


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], per_page: int = PER_PAGE) -> Page[Any]:
    """The page that the address asks for; a number too high gives the last page, nonsense the first."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))
