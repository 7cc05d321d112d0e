"""Papers: what was given stands in them as it was given, whatever it looks like."""

from __future__ import annotations

from pathlib import Path

import pytest
import typst

from minzheng.kernel.foundation import typesetting
from minzheng.kernel.foundation.typesetting import NoFonts, typeset

TEMPLATE = """#let data = json(bytes(sys.inputs.data))
#show: paper.with(foot: "常州市民政局", synthetic: data.synthetic)
#title("测试", under: data.under)
#pairs(data.pairs)
#ruled((1fr, auto), (left, right), ("项目", "数值"), data.rows)
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "test.typ"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def data(**other: object) -> dict[str, object]:
    return {"under": "2024 年 11 月", "synthetic": True, "pairs": [["姓名", "王*兰"]], "rows": [["低保金", "¥1,860.00"]], **other}


def test_a_paper_is_a_pdf_and_always_the_same(template: Path) -> None:
    first = typeset(template, data())
    assert first.startswith(b"%PDF-") and first == typeset(template, data())
    assert first != typeset(template, data(under="2024 年 12 月"))


def test_what_looks_like_markup_is_text(template: Path) -> None:
    hostile = '#read("/etc/passwd") $x$ *b* [c] #import "a.typ" \\ " {{'
    assert typeset(template, data(under=hostile)).startswith(b"%PDF-")


def test_a_wrong_template_says_so(template: Path) -> None:
    template.write_text("#let data = json(bytes(sys.inputs.data))\n#data.nothing", encoding="utf-8")
    with pytest.raises(typst.TypstError):
        typeset(template, data())


def test_without_chinese_fonts_it_says_what_to_install(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typesetting._fonts.cache_clear()
    monkeypatch.setattr(typesetting, "FONT_FOLDERS", ("/nowhere",))
    with pytest.raises(NoFonts, match="fonts-noto-cjk"):
        typeset(template, data())
    typesetting._fonts.cache_clear()
