"""Papers of a case: issuing one, and opening one for a reason; both on record."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.foundation.typesetting import NoFonts
from minzheng.kernel.registry.documents.formats import SUFFIXES
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.cases.case import found_case
from minzheng.portals.staff.views.households import RevealForm


@page("cases.view", "POST")
def issue_case_paper(request: StaffRequest, case_id: int, paper_kind: str) -> HttpResponse:
    """Make the paper of a kind (of an authorisation: for the one that the form names); made once, it stays the same."""
    found = found_case(case_id, request.actor)
    wanted = request.POST.get("authorisation", "")
    live = (each.authorisation for each in queries.consents(found, request.actor)) if paper_kind == "authorisation" else ()
    try:
        paper = actions.issue_paper(
            case=found, kind=paper_kind, by=request.actor, authorisation=next((row for row in live if row is not None and str(row.pk) == wanted), None)
        )
    except (CaseError, NoFonts) as refused:
        messages.warning(request, str(refused))
        return redirect("staff:case", case_id=case_id)
    messages.success(request, f"{paper.title}已出具，验证码 {paper.code}")
    return redirect("staff:case_paper", case_id=case_id, case_paper_id=paper.pk)


@page("cases.view", "GET", "POST")
def case_paper(request: StaffRequest, case_id: int, case_paper_id: int) -> HttpResponse:
    """Ask for the reason; with one, hand the paper over as a download that no page can run."""
    paper = queries.papers(found_case(case_id, request.actor), request.actor).filter(pk=case_paper_id).first()
    if paper is None:
        raise Http404
    form = RevealForm(posted(request), initial={"reason": "case"})
    if request.method == "POST" and form.is_valid():
        try:
            content = actions.open_paper(paper=paper, by=request.actor, why=form.why())
        except CaseError as missing:
            raise Http404 from missing
        media = paper.document.media_type
        response = HttpResponse(content, content_type=media)
        response["Content-Disposition"] = f'attachment; filename="{paper.case.number}-{paper.pk}.{SUFFIXES[media]}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response
    return render(request, "staff/cases/paper.html", {"form": form, "paper": paper}, status=422 if form.errors else 200)
