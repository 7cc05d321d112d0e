"""The papers of a case: issued once for each action that calls for one, as PDF with a code that anybody can verify; and reading a
case's file, which is on record."""

from __future__ import annotations

import secrets

from django.db import transaction

from minzheng.kernel.casework import printing
from minzheng.kernel.casework.actions.base import MACHINE
from minzheng.kernel.casework.actions.opening import SYMBOLS, home_of
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Authorisation, BundleCase, Case, CaseAction, CasePaper
from minzheng.kernel.casework.people import Citizen, own
from minzheng.kernel.casework.reading import service_of
from minzheng.kernel.casework.together import accepted
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.documents.actions import add_document, open_document


@transaction.atomic
def issue_paper(*, case: Case, kind: str, by: Actor, authorisation: Authorisation | None = None) -> CasePaper:
    """The paper of a kind (printing.PAPERS) for the last action that calls for it; made the first time, the same one ever after.

    Raises CaseError when nothing has happened that calls for it, NoFonts when the machine has no Chinese font."""
    row = own(Case.objects.select_for_update(of=("self",)), by).filter(pk=case.pk).first()
    if row is None:
        raise CaseError("没有这件办件，或它不在您的辖区内")
    if not isinstance(by, Citizen):
        by.require("cases.view")
    if kind not in printing.PAPERS:
        raise CaseError(f"没有这种文书，可选：{'、'.join(each.title for each in printing.PAPERS.values())}")
    action = CaseAction.objects.filter(case=row, verb__in=printing.PAPERS[kind].verbs).order_by("-seq").first()
    if authorisation is not None:
        action = next((each for each in CaseAction.objects.filter(case=row, verb="authorise") if each.details.get("authorisation") == authorisation.pk), None)
    if action is None:
        raise CaseError(f"还没有办到这一步，不能出具{printing.PAPERS[kind].title}")
    if made := CasePaper.objects.filter(case=row, kind=kind, seq=action.seq).first():
        return made
    code = "".join(secrets.choice(SYMBOLS) for _ in range(16))
    content, title = printing.print_paper(row, kind, action, code)
    household = row.household or home_of(row.applicant, clock.business_date())
    document = add_document(household=household, kind="other", title=f"{title} {row.number}", content=content, by=MACHINE)
    paper = CasePaper.objects.create(
        case=row, document=document, kind=kind, title=title, code=code, seq=action.seq, added_on=clock.business_date(), added_by=by.name
    )
    audit.record(by, "case.paper", f"case:{row.pk}", title, code=code, sha256=document.sha256)
    return paper


@transaction.atomic
def issue_slip(*, bundle: BundleCase, by: Actor) -> CasePaper:
    """受理回执 of a 一件事, when every case of it was accepted or is over; made the first time, the same one ever after. Raises CaseError
    before that, NoFonts when the machine has no Chinese font."""
    row = own(BundleCase.objects.select_for_update(of=("self",)), by).filter(pk=bundle.pk).first()
    if row is None:
        raise CaseError("没有这件一件事办件，或它不在您的辖区内")
    if not isinstance(by, Citizen):
        by.require("cases.view")
    cases, today = list(row.cases.select_related("applicant", "household").order_by("pk")), clock.business_date()
    if made := CasePaper.objects.filter(case=cases[0], kind=printing.BUNDLE_SLIP).first():
        return made
    if not accepted(cases):
        waiting = "、".join(service_of(case).title for case in cases if case.state in ("draft", "submitted", "returned"))
        raise CaseError(f"还有没有受理的事项，不能出具受理回执：{waiting or '各件都已不再办理'}")
    code = "".join(secrets.choice(SYMBOLS) for _ in range(16))
    content, title = printing.print_slip(row, cases, today, code), printing.BUNDLE_TITLE
    household = cases[0].household or home_of(row.applicant, today)
    document = add_document(household=household, kind="other", title=f"{title} {row.number}", content=content, by=MACHINE)
    paper = CasePaper.objects.create(
        case=cases[0], document=document, kind=printing.BUNDLE_SLIP, title=title, code=code, added_on=today, added_by=by.name
    )
    audit.record(by, "bundle.paper", f"bundle:{row.pk}", title, code=code, sha256=document.sha256)
    return paper


def open_paper(*, paper: CasePaper, by: Actor, why: str = "") -> bytes:
    """The file of a paper, for a party to the case or an official with a reason; on record. Raises CaseError for another's."""
    row = own(CasePaper.objects.select_related("document"), by).filter(pk=paper.pk).first()
    if row is None:
        raise CaseError("没有这份材料，或它不在您的辖区内")
    if isinstance(by, Citizen):
        why = "申请人查看本人办件"
    else:
        by.require("cases.view")
    if len(why.strip()) < 2:
        raise CaseError("请写明查看理由")
    _document, content = open_document(document_id=row.document_id, by=MACHINE, why=f"{by.name}：{why.strip()}")
    audit.record(by, "case.paper_open", f"case_paper:{row.pk}", why.strip()[:256], case=row.case_id)
    return content


def open_case_file(*, by: Actor, number: str = "", case_id: int | None = None) -> Case:
    """A case for reading, by its number or id; the reading is on record, and so is the attempt at another's. Raises CaseError."""
    if not isinstance(by, Citizen):
        by.require("cases.view")
    rows = own(Case.objects.select_related("applicant", "agent", "household", "owner", "bundle"), by)
    found = rows.filter(number=number).first() if number else rows.filter(pk=case_id or 0).first()
    if found is None:
        audit.record(by, "case.read_refused", f"case:{(number or str(case_id))[:24]}", "没有这件办件，或不是本人的、不在辖区内")
        raise CaseError("没有这件办件，或您不能查看它")
    audit.record(by, "case.read", f"case:{found.pk}", person=found.applicant_id)
    return found
