"""What a file really is, by its content: names and declared types are not believed."""

from __future__ import annotations

LARGEST = 20 * 1024 * 1024  # bytes
KINDS = {
    "identity": "身份证件", "household": "户口簿", "disability": "残疾证", "medical": "病历和医疗票据", "income": "收入证明",
    "property": "财产证明", "authorisation": "核对授权书", "visit": "入户照片", "other": "其他",
}  # fmt: skip
SUFFIXES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class DocumentError(ValueError):
    """The file cannot be taken; the message says why and what to do, in Chinese."""


def media_type(content: bytes) -> str:
    """PDF, JPEG or PNG by the first bytes. Raises DocumentError for anything else, empty and oversized files."""
    if not content:
        raise DocumentError("这是空文件（0 字节）：请重新拍照或扫描")
    if len(content) > LARGEST:
        raise DocumentError(f"文件有 {len(content) / 1024 / 1024:.0f} MB，超过 20 MB：请压缩或分成几份")
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return "application/pdf"
    if content.startswith(b"%PDF-"):
        raise DocumentError("PDF 不完整（没有结尾）：请重新导出或扫描")
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"):
        raise DocumentError("这是苹果手机的 HEIC 照片，多数电脑打不开：请在手机“设置-相机-格式”选“兼容性最佳”，或转成 JPG")
    raise DocumentError("只收 PDF、JPG、PNG：文件内容不是其中任何一种（改扩展名没有用）")
