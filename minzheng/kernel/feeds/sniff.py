"""What a file is, by its content and never by its name; and guards against files that are made to hurt."""

from __future__ import annotations

import codecs
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from minzheng.kernel.feeds.errors import IntakeError

Kind = Literal["text", "xlsx", "xls", "parquet"]
HEAD = 1 << 20
# Excel itself holds 1,048,576 rows; an honest sheet of that size unpacks to well under this.
MAX_UNPACKED, MAX_RATIO = 1 << 30, 400
_FOREIGN = (
    (b"%PDF", "PDF"), (b"\x89PNG", "图片"), (b"\xff\xd8\xff", "图片"), (b"Rar!", "RAR 压缩包"), (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\x1f\x8b", "gzip 压缩包"), (b"SQLite", "SQLite 数据库"), (b"{\\rtf", "RTF 文档"),
)  # fmt: skip


@dataclass(frozen=True)
class TextForm:
    """Encoding and delimiter of a text table."""

    encoding: str
    delimiter: str


def kind_of(path: Path) -> Kind:
    """The kind of file. Raises IntakeError when it is missing, empty or of a kind that is not taken."""
    try:
        if path.is_dir():
            raise IntakeError(f"这是文件夹,不是文件:{path}。请逐个导入其中的文件")
        if not path.exists():
            raise IntakeError(f"找不到文件:{path}")
        if not path.is_file():
            raise IntakeError(f"这不是普通文件:{path}")
        with path.open("rb") as handle:
            head = handle.read(64)
    except (OSError, ValueError) as error:
        raise IntakeError(f"打不开文件 {path}:{getattr(error, 'strerror', None) or error}") from error
    if not head:
        raise IntakeError(f"{path.name} 是空文件(0 字节):请重新导出后再报送")
    if head.startswith(b"PK\x03\x04"):
        guard_zip(path)
        return "xlsx"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, name in _FOREIGN:
        if head.startswith(magic):
            raise IntakeError(f"{path.name} 是{name},不是表格:请报送 CSV、Excel(xls、xlsx)或 Parquet 文件")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise IntakeError(f"{path.name} 是网页或 XML(有些系统导出的“xls”其实如此):请用 Excel 打开后另存为 xlsx 再报送")
    return "text"


def guard_zip(path: Path) -> None:
    """Refuse truncated archives, archives that are no workbook and those that unpack beyond all measure.

    Sizes that the archive declares are checked first; then every part is unpacked once, piece by piece, because the
    declared sizes may lie.
    """
    broken = f"{path.name} 不完整或已损坏(可能传输中断):请重新导出并核对文件大小后再报送"
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if not any(entry.filename.startswith("xl/") for entry in entries):
                raise IntakeError(f"{path.name} 是压缩包,不是 Excel 工作簿:请解压后逐个报送其中的表格")
            _guard_size(path, sum(entry.file_size for entry in entries))
            for entry in entries:
                with archive.open(entry) as part:
                    while part.read(1 << 20):  # checksum and length are verified on the way
                        pass
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise IntakeError(broken) from error
    except RuntimeError as error:  # zipfile's way to say that a part is encrypted
        raise IntakeError(f"{path.name} 加了密码:请去掉密码后再报送") from error


def _guard_size(path: Path, unpacked: int) -> None:
    packed = max(path.stat().st_size, 1)
    if unpacked > MAX_UNPACKED or (unpacked > 64 << 20 and unpacked / packed > MAX_RATIO):
        raise IntakeError(
            f"{path.name} 解压后达 {unpacked / (1 << 20):,.0f} MB(压缩前仅 {packed / (1 << 20):.1f} MB),疑似压缩炸弹,"
            "已拒绝:大表请改报 CSV 或 Parquet"
        )


def text_form(path: Path) -> TextForm:
    """Encoding (by BOM, else UTF-8 or GB18030, whichever the bytes bear out) and delimiter (the most frequent of , tab ; |)."""
    with path.open("rb") as handle:
        head = handle.read(HEAD)
        encoding = _encoding(head)
        if encoding == "utf-8" and head.isascii():
            # A long run of plain ASCII says nothing: what comes further down decides.
            while (more := handle.read(HEAD)) and more.isascii():
                pass
            encoding = _encoding(more) if more else encoding
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
    # Chinese in UTF-8 is unmistakable: a few damaged bytes do not make it GB18030, which swallows nearly any bytes.
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    damaged = text.count("\ufffd")
    sound = sum(not character.isascii() for character in text) - damaged if damaged else 0
    return "utf-8" if damaged <= sound // 4 else "gb18030"
