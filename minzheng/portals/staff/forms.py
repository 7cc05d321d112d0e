"""What officials fill in on an alert. The room checks again; here the form says it at the field."""

from __future__ import annotations

import uuid

from django import forms

from minzheng.kernel.foundation import clock
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.monitoring.outcomes import MET, NEEDS, OUTCOMES, SITUATIONS

OUTCOME_CHOICES = [(outcome.name, outcome.title) for outcome in OUTCOMES.values() if outcome.by == "visit"]
OFFICE_CHOICES = [(outcome.name, outcome.title) for outcome in OUTCOMES.values() if outcome.fits_files(in_doubt=True)]
PICK = {"required": "请选择一项"}


class SeenForm(forms.Form):
    """A form about an alert as it stood when the page was opened: its version, and what the reader saw of it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class VisitForm(SeenForm):
    """What was found at the door."""

    form_token = forms.CharField(widget=forms.HiddenInput, max_length=64)
    visited_on = forms.DateField(label="入户日期", error_messages={"required": "请填写入户日期", "invalid": "日期请写成 2024-05-31"})
    met = forms.ChoiceField(label="见到了谁", choices=list(MET.items()), widget=forms.RadioSelect, error_messages=PICK)
    situation = forms.MultipleChoiceField(
        label="家庭情况", choices=list(SITUATIONS.items()), widget=forms.CheckboxSelectMultiple, required=False
    )
    needs = forms.MultipleChoiceField(
        label="需要什么", choices=list(NEEDS.items()), widget=forms.CheckboxSelectMultiple, required=False
    )
    outcome = forms.ChoiceField(
        label="入户结果", choices=OUTCOME_CHOICES, widget=forms.RadioSelect, error_messages=PICK,
        help_text="选定后这条预警办结；“纳入”指建议纳入，后续按程序办理",
    )  # fmt: skip
    findings = forms.CharField(label="情况说明", required=False, max_length=2000)

    def clean(self) -> dict[str, object]:
        """Somebody who met nobody can say only what can be known from the neighbours."""
        data: dict[str, object] = super().clean() or {}
        outcome = OUTCOMES.get(str(data.get("outcome")))
        if data.get("met") == "nobody" and outcome and not outcome.unseen:
            self.add_error("outcome", f"没有见到人，不能得出“{outcome.title}”：请改选结果，或改选见到了谁")
        return data


class AttemptForm(SeenForm):
    """Nobody at home, as a phone noted it: on which day."""

    attempted_on = forms.DateField(label="上门日期", error_messages={"required": "页面不完整，请刷新后再记", "invalid": "日期请写成 2024-05-31"})


class CloseForm(SeenForm):
    """Closing without a visit: what it came to, and why nobody went."""

    outcome = forms.ChoiceField(label="结果", choices=OUTCOME_CHOICES, widget=forms.RadioSelect, error_messages=PICK)
    note = forms.CharField(label="不入户的理由", max_length=500, error_messages={"required": "请写明理由"})

    def of_files(self) -> CloseForm:
        """For an alert that officials look into: what the files showed, and what it rests on."""
        self.fields["outcome"].choices = OFFICE_CHOICES  # type: ignore[attr-defined]
        self.fields["note"].label = "核查情况和依据"
        return self


class ReopenForm(SeenForm):
    """Opening a closed alert again, and why."""

    note = forms.CharField(label="重开的理由", max_length=500, error_messages={"required": "请写明理由"})


def first_visit(alert: Alert) -> dict[str, object]:
    """What an empty visit form holds: today, and a token that makes sending it twice one visit."""
    return {**first(alert), "form_token": uuid.uuid4().hex, "visited_on": clock.business_date()}


def first(alert: Alert) -> dict[str, object]:
    """The version and look of the alert that a form is filled in against."""
    return {"version": alert.version, "seen": look(alert)}


def look(alert: Alert) -> str:
    """State, handler and due date in one line, to say later what changed."""
    handler = alert.assigned_to.full_name if alert.assigned_to else ""
    return f"{alert.get_status_display()}|{handler}|{alert.due_on}"
