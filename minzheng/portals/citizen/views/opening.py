"""Opening a case of one's own, which every page about one does first."""

from __future__ import annotations

from django.http import Http404

from minzheng.kernel.casework import actions
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Case
from minzheng.portals.citizen.middleware import CitizenRequest
from minzheng.portals.citizen.page import me


def opened(request: CitizenRequest, number: str) -> Case:
    """A case of one's own; another's looks as if it were not there, and the attempt is on record. Raises Http404."""
    try:
        return actions.open_case_file(by=me(request), number=number)
    except CaseError as error:
        raise Http404(str(error)) from error
