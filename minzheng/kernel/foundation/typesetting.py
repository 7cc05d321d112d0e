"""Papers for people: a Typst template and plain data become a PDF. Templates hold the words, so they change without code.

A template reads its data with `#let data = json(bytes(sys.inputs.data))`. Nothing of the data is ever read as markup.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

# Debian's fonts-noto-cjk (scripts/install.sh installs it), and where other systems keep theirs.
FONT_FOLDERS = ("/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto-cjk", "/usr/share/fonts/google-noto-cjk")
SHARED = Path(__file__).parent / "papers"


class NoFonts(RuntimeError):
    """No font with Chinese characters is installed; the message says what to install."""


def typeset(template: Path, data: Mapping[str, Any]) -> bytes:
    """The PDF of `template` (a .typ file, which may import 'paper.typ' of this room) filled with `data` (plain JSON).

    Same template and data give the same bytes. Raises NoFonts, and typst.TypstError for a template that is wrong.
    """
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    source = f"#import {json.dumps('/paper.typ')}: *\n" + template.read_text(encoding="utf-8")
    made = typst.compile(source.encode(), root=str(SHARED), font_paths=_fonts(), sys_inputs=inputs, timestamp=0)  # type: ignore[type-var]
    return bytes(made or b"")


def pictured(template: Path, data: Mapping[str, Any], ppi: int = 200) -> bytes:
    """As `typeset`, the first page as a PNG picture of so many points an inch: for a chart inside another kind of document."""
    source = f"#import {json.dumps('/paper.typ')}: *\n" + template.read_text(encoding="utf-8")
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    made = typst.compile(source.encode(), root=str(SHARED), font_paths=_fonts(), sys_inputs=inputs, timestamp=0, format="png", ppi=ppi)  # type: ignore[call-overload]
    return bytes(made[0] if isinstance(made, list) else made or b"")


@cache
def _fonts() -> typst.Fonts:
    """Read once: that takes longer than setting a page."""
    found: list[str] = [folder for folder in FONT_FOLDERS if Path(folder).is_dir()]
    if not found:
        raise NoFonts("服务器没有安装中文字体，不能生成 PDF：请安装 Debian 软件包 fonts-noto-cjk 后重试")
    return typst.Fonts(include_system_fonts=False, font_paths=found)
