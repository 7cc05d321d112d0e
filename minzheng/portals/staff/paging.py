"""Pages of a list, with the page's number in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PER_PAGE = 50


class Slices:
    """A list that is only ever asked for one page, by whatever fetches the rows from one position to another."""

    def __init__(self, fetch: Callable[[int, int], list[Any]]) -> None:
        self._fetch = fetch

    def __getitem__(self, at: slice) -> list[Any]:
        return self._fetch(at.start, at.stop)


def page_of(
    request: HttpRequest, rows: QuerySet[Any] | Sequence[Any] | Slices, per_page: int = PER_PAGE, count: int | None = None
) -> Page[Any]:
    """The page that the address asks for; a number too high gives the last page, nonsense the first.

    `count`: how many rows there are, when the caller has counted them already.
    """
    pages: Paginator[Any] = Paginator(rows, per_page)  # type: ignore[arg-type]
    if count is not None:
        pages.__dict__["count"] = count  # a cached property: given, it is not asked for again
    return pages.get_page(request.GET.get("page"))
