"""Pages of a list, with the page's number in the address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PER_PAGE = 50


def page_of(
    request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], per_page: int = PER_PAGE, count: int | None = None
) -> Page[Any]:
    """The page that the address asks for; a number too high gives the last page, nonsense the first.

    `count`: how many rows there are, when the caller has counted them already.
    """
    pages = Paginator(rows, per_page)
    if count is not None:
        pages.__dict__["count"] = count  # a cached property: given, it is not asked for again
    return pages.get_page(request.GET.get("page"))
