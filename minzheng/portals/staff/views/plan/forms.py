"""What officials fill in on the plan. The room checks again; here the form says it at the field."""

from __future__ import annotations

from typing import Any

from django import forms

from minzheng.kernel.foundation import clock
from minzheng.kernel.indicators.models import Evidence

LARGEST = 20 * 1024 * 1024
KINDS = [("", "不附佐证"), *((kind.value, kind.label) for kind in Evidence.Kind)]
DAY = {"required": "请填写日期", "invalid": "日期请写成 2024-06-30"}


class EvidenceFields(forms.Form):
    """Evidence: a file, or the number or address of what shows it."""

    kind = forms.ChoiceField(label="佐证", choices=KINDS, required=False)
    title = forms.CharField(label="佐证名称", max_length=128, required=False)
    reference = forms.CharField(
        label="编号或网址",
        max_length=512,
        required=False,
        help_text="办件、预警、批次写编号；网页写 https:// 开头的地址",
    )
    file = forms.FileField(
        label="文件",
        required=False,
        help_text="照片、PDF，不超过 20 MB",
        error_messages={"empty": "这是空文件（0 字节）"},
    )

    def clean(self) -> dict[str, Any]:
        """A file needs a file, everything else a number or an address."""
        data: dict[str, Any] = super().clean() or {}
        kind = data.get("kind")
        if kind == Evidence.Kind.FILE and not data.get("file"):
            self.add_error("file", "请选择文件")
        elif kind and kind != Evidence.Kind.FILE and not data.get("reference"):
            self.add_error("reference", "请填写编号或网址")
        elif not kind and (data.get("file") or data.get("reference")):
            self.add_error("kind", "请选择佐证的种类")
        if data.get("file") and data["file"].size > LARGEST:
            self.add_error(
                "file", f"文件有 {data['file'].size / 1024 / 1024:.0f} MB，超过 20 MB：请压缩或分成几份"
            )
        return data


class MilestoneForm(EvidenceFields):
    """That a milestone was reached."""

    done_on = forms.DateField(label="完成日期", error_messages=DAY)
    note = forms.CharField(label="完成情况", max_length=512, error_messages={"required": "请写明完成情况"})

    def clean_done_on(self) -> Any:
        """Not in the future."""
        day = self.cleaned_data["done_on"]
        if day > clock.business_date():
            raise forms.ValidationError("完成日期在今天之后：请在完成以后再登记")
        return day


class FigureForm(EvidenceFields):
    """A figure that nothing measures."""

    as_of = forms.DateField(label="截至", error_messages=DAY)
    place = forms.CharField(label="地方", max_length=32, error_messages={"required": "请选择地方"})
    numerator = forms.IntegerField(
        label="完成数", min_value=0, error_messages={"required": "请填写完成数", "invalid": "请填写整数"}
    )
    denominator = forms.IntegerField(
        label="总数", min_value=0, required=False, error_messages={"invalid": "请填写整数"}
    )
    note = forms.CharField(
        label="数据从哪里来", max_length=512, error_messages={"required": "请写明数据从哪里来"}
    )


class MoreEvidenceForm(EvidenceFields):
    """One more piece of evidence."""

    kind = forms.ChoiceField(label="佐证", choices=KINDS[1:], error_messages={"required": "请选择种类"})


class ReturnForm(forms.Form):
    """Why something is returned to who recorded it."""

    because = forms.CharField(
        label="退回原因", max_length=256, error_messages={"required": "请写明退回的原因"}
    )


class TaskForm(forms.Form):
    """A piece of work."""

    title = forms.CharField(label="任务", max_length=128, error_messages={"required": "请写明任务"})
    due_on = forms.DateField(label="期限", error_messages=DAY)
    owner = forms.CharField(label="责任人", max_length=16, required=False)


class RemarkForm(forms.Form):
    """A word in the discussion."""

    text = forms.CharField(label="内容", max_length=2000, error_messages={"required": "请写点什么"})


class ReadingForm(forms.Form):
    """Which reading of a target holds from a day on, and why."""

    target = forms.CharField(label="目标", max_length=16, error_messages={"required": "请选择目标"})
    reading = forms.CharField(label="口径", max_length=32, error_messages={"required": "请选择口径"})
    valid_from = forms.DateField(label="自哪天起", error_messages=DAY)
    reason = forms.CharField(label="理由", max_length=256, error_messages={"required": "请写明理由"})
