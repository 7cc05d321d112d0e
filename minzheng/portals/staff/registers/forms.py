"""The form of a record. It is held against what the official had before the eyes: when somebody else saved in the
meantime, nothing is written, every field tells what it was, what was typed and what it is now, and a second press
saves knowingly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.registers import Edit, EditField, Register, Stale
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.place_search import is_open_to
from minzheng.portals.staff.registers.records import found_record, heading
from minzheng.portals.staff.registers.subjects import record_address

View = Callable[..., HttpResponseBase]
SEEN = "seen_"  # prefix of the hidden fields that hold what the official saw


@dataclass(frozen=True)
class Clash:
    """One field that two officials changed, or that the other one changed: in words."""

    title: str
    was: str
    typed: str
    now: str
    both: bool


def edit_view(register: Register) -> View:
    """Show and save the form of one record."""
    edit = register.edit
    assert edit is not None

    @page(edit.capability, "GET", "POST")
    def view(request: StaffRequest, /, **keys: int) -> HttpResponse:
        record = found_record(register, keys[register.record], request.actor)
        options = _options(edit)
        if request.method == "GET":
            return _page(request, register, record, _form(edit, options, request.actor, first=_state(edit, record)), options)
        sent = request.POST
        form = _form(edit, options, request.actor, sent=sent)
        version = sent.get("version", "")
        if version and str(record.version) != version:
            return _stale(request, register, record, sent, options)
        if form.is_valid():
            try:
                record = edit.action(record=record, values=form.cleaned_data, version=int(version or 0), by=request.actor)
                messages.success(request, f"已保存“{heading(register, record, request.actor)}”")
                return redirect(record_address(register, record.pk))
            except Stale:
                record = found_record(register, record.pk, request.actor)
                return _stale(request, register, record, sent, options)
            except ValidationError as wrong:
                form.add_error(None, wrong)
        return _page(request, register, record, form, options, status=422)

    return view


def _stale(
    request: StaffRequest, register: Register, record: Any, sent: QueryDict, options: Mapping[str, Any]
) -> HttpResponse:
    """Somebody else was first: show field by field, keep what was typed, take over what the reader had not touched."""
    assert register.edit is not None
    now = _state(register.edit, record)
    clashes, merged = [], {}
    for item in register.edit.fields:
        seen, typed = sent.get(SEEN + item.name, ""), sent.get(item.name, "").strip()
        touched, changed = typed != seen, now[item.name] != seen
        merged[item.name] = typed if touched else now[item.name]
        if changed:
            shown = [_words(value, item, options.get(item.name)) for value in (seen, typed, now[item.name])]
            clashes.append(Clash(item.title, shown[0], shown[1] if touched else "", shown[2], touched and typed != now[item.name]))
    history = register.history(record, request.actor, clock.business_date()) if register.history else []
    last = history[0] if history else None
    form = _form(register.edit, options, request.actor, first=merged)
    return _page(request, register, record, form, options, status=409, clashes=clashes, last=last)


def _page(
    request: StaffRequest, register: Register, record: Any, form: forms.Form, options: Mapping[str, Any],
    status: int = 200, **more: Any,
) -> HttpResponse:  # fmt: skip
    assert register.edit is not None
    posted = request.POST if request.method == "POST" and "clashes" not in more else None
    state = _state(register.edit, record)
    seen = {SEEN + name: posted.get(SEEN + name, value) if posted else value for name, value in state.items()}
    version = posted.get("version", record.version) if posted else record.version
    fields = [
        {"field": form[item.name], "item": item, "options": options.get(item.name), "value": _text(form[item.name].value())}
        for item in register.edit.fields
    ]
    context = {
        "register": register, "record": record, "form": form, "fields": fields, "seen": seen, "version": version,
        "heading": heading(register, record, request.actor), "back": record_address(register, record.pk), **more,
    }  # fmt: skip
    return render(request, "staff/registers/edit.html", context, status=status)


def _options(edit: Edit) -> dict[str, dict[str, str]]:
    """Value → words of each field that is chosen from a list. Places are too many for one: they are searched."""
    found: dict[str, dict[str, str]] = {}
    for item in edit.fields:
        if item.kind == "choice":
            found[item.name] = dict(item.options())
    return found


class PlaceField(forms.CharField):
    """The code of a unit of today, inside the jurisdiction of whoever fills in the form."""

    def __init__(self, *, actor: Actor, **said: Any) -> None:
        super().__init__(**said)
        self.actor = actor

    def validate(self, value: Any) -> None:
        """Anything else is refused in words."""
        super().validate(value)
        if value and not is_open_to(str(value), self.actor):
            raise ValidationError("不在可选的范围里")


def _form(
    edit: Edit, options: Mapping[str, dict[str, str]], actor: Actor, first: Mapping[str, str] | None = None,
    sent: QueryDict | None = None,
) -> forms.Form:  # fmt: skip
    made = type("RecordForm", (forms.Form,), {item.name: _field(item, options.get(item.name), actor) for item in edit.fields})
    form: forms.Form = made(sent, initial=first)
    return form


def _field(item: EditField, options: Mapping[str, str] | None, actor: Actor) -> forms.Field:
    said: Any = {"label": item.title, "required": item.required, "help_text": item.help}
    errors = {"required": f"请填写{item.title}", "invalid": "请填写数字"}
    if options is not None:
        errors = {"required": f"请选择{item.title}", "invalid_choice": "不在可选的范围里"}
        return forms.ChoiceField(choices=[("", "请选择"), *options.items()], error_messages=errors, **said)
    if item.kind == "place":
        return PlaceField(actor=actor, error_messages={"required": f"请选择{item.title}"}, max_length=12, **said)
    if item.kind == "date":
        return forms.DateField(error_messages={**errors, "invalid": "日期请写成 2024-05-31"}, **said)
    if item.kind == "number":
        return forms.IntegerField(min_value=0, error_messages={**errors, "min_value": "不能小于 0"}, **said)
    if item.kind == "degrees":
        return forms.FloatField(error_messages=errors, **said)
    longest = {"uscc": 18, "phone": 32}.get(item.kind, 128)
    errors["max_length"] = f"最多 {longest} 个字"
    return forms.CharField(max_length=longest, error_messages=errors, **said)


def _state(edit: Edit, record: Any) -> dict[str, str]:
    """The record's fields as the form holds them."""
    return {item.name: _text(getattr(record, item.name)) for item in edit.fields}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def _words(value: str, item: EditField, options: Mapping[str, str] | None) -> str:
    if item.kind == "place" and value:
        return divisions.path_name(value, clock.business_date())
    return (options or {}).get(value, value)
