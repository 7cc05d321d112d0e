"""What a file is, by its content and never by its name; and guards against files that are made to hurt."""

from __future__ import annotations

import codecs
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from minzheng.kernel.feeds.errors import IntakeError

Kind = Literal["text", "xlsx", "xls", "parquet"]
HEAD = 1 << 20
# Excel itself holds 1,048,576 rows; an honest sheet of that size unpacks to well under this.
MAX_UNPACKED, MAX_RATIO = 2 << 30, 400


@dataclass(frozen=True)
class TextForm:
    """Encoding and delimiter of a text table."""

    encoding: str
    delimiter: str


def kind_of(path: Path) -> Kind:
    """The kind of file. Raises IntakeError when it is missing, empty or of a kind that is not taken."""
    if not path.exists():
        raise IntakeError(f"找不到文件:{path}")
    if path.is_dir():
        raise IntakeError(f"这是文件夹,不是文件:{path}。请逐个导入其中的文件")
    with path.open("rb") as handle:
        head = handle.read(8)
    if not head:
        raise IntakeError(f"{path.name} 是空文件(0 字节):请重新导出后再报送")
    if head.startswith(b"PK\x03\x04"):
        guard_zip(path)
        return "xlsx"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, name in ((b"%PDF", "PDF"), (b"\x89PNG", "图片"), (b"\xff\xd8\xff", "图片"), (b"Rar!", "RAR 压缩包"),
                        (b"7z\xbc\xaf", "7z 压缩包"), (b"\x1f\x8b", "gzip 压缩包"), (b"SQLite", "SQLite 数据库")):  # fmt: skip
        if head.startswith(magic):
            raise IntakeError(f"{path.name} 是{name},不是表格:请报送 CSV、Excel(xls、xlsx)或 Parquet 文件")
    return "text"


def guard_zip(path: Path) -> None:
    """Refuse truncated archives, archives that are no workbook and those that unpack beyond all measure."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise IntakeError(f"{path.name} 不完整或已损坏(可能传输中断):请重新导出并核对文件大小后再报送") from error
    if not any(entry.filename.startswith("xl/") for entry in entries):
        raise IntakeError(f"{path.name} 是压缩包,不是 Excel 工作簿:请解压后逐个报送其中的表格")
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(path.stat().st_size, 1)
    if unpacked > MAX_UNPACKED or (unpacked > 64 << 20 and unpacked / packed > MAX_RATIO):
        raise IntakeError(
            f"{path.name} 解压后达 {unpacked / (1 << 20):,.0f} MB(压缩前仅 {packed / (1 << 20):.1f} MB),疑似压缩炸弹,"
            "已拒绝:大表请改报 CSV 或 Parquet"
        )


def text_form(path: Path) -> TextForm:
    """Encoding (by BOM, else strict UTF-8, else GB18030) and delimiter (the most regular of , tab ; |)."""
    with path.open("rb") as handle:
        head = handle.read(HEAD)
    encoding = _encoding(head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    if text.count("\x00") > len(text) // 10 or text.count("\ufffd") > len(text) // 5:
        raise IntakeError(f"{path.name} 不是文本表格(内容像二进制数据):请报送 CSV、Excel 或 Parquet 文件")
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if not lines:
        raise IntakeError(f"{path.name} 没有内容:请重新导出后再报送")
    delimiter = max(",\t;|", key=lambda mark: sum(min(line.count(mark), 60) for line in lines))
    return TextForm(encoding, delimiter)


def _encoding(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    errors = {}
    for encoding in ("utf-8", "gb18030"):
        text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
        errors[encoding] = text.count("\ufffd")
    # Both may be damaged: the lesser damage tells what the sender meant.
    return "utf-8" if errors["utf-8"] <= errors["gb18030"] else "gb18030"
