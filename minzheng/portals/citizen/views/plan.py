"""What the bureau promised this year and how far it is: only figures that may be published, in plain words, for anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.http import HttpResponseBase

from minzheng.kernel.foundation import clock
from minzheng.kernel.indicators.queries import public_figures
from minzheng.kernel.indicators.queries.shapes import PublicFigure
from minzheng.kernel.indicators.states import State
from minzheng.portals.citizen.middleware import CitizenRequest
from minzheng.portals.citizen.page import page, render

WORDS: dict[State, tuple[str, str]] = {
    "achieved": ("已经做到", "good"), "on_track": ("按计划进行", "calm"), "behind": ("慢了，正在赶", "warn"), "no_source": ("还没有数字", "calm"),
    "not_begun": ("还没到时间", "calm"), "part": ("进行中", "calm"),
}  # fmt: skip
SOURCES = {"measured": "由业务系统按实际办理的情况计算", "reported": "由工作人员填报、另一人确认", "milestone": "以是否办成为准", "none": ""}


@dataclass(frozen=True)
class Promise:
    """One promise as anybody reads it."""

    figure: PublicFigure
    words: str
    tone: str
    width: int
    source: str


@page(public=True)
def promises(request: CitizenRequest) -> HttpResponseBase:
    """The promises of the year by chapter."""
    today = clock.business_date()
    known = public_figures(today)
    chapters = [
        {"title": title, "promises": [_promise(each) for each in found]}
        for (_number, title), found in groupby(known, key=lambda each: (each.chapter, each.chapter_title))
    ]
    return render(request, "promises.html", {"chapters": chapters, "year": today.year, "as_of": _newest(known)})


def _promise(found: PublicFigure) -> Promise:
    words, tone = WORDS[found.state]
    share = float(found.share_of_goal or 0) * 100
    return Promise(found, words, tone, round(min(max(share, 0), 100)), SOURCES[found.source])


def _newest(known: list[PublicFigure]) -> date | None:
    return max((each.as_of for each in known if each.as_of), default=None)
