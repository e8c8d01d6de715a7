"""Documents made as people's programs make them, and some that no program would."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import docx
import openpyxl
import pypdf
from pypdf.generic import DictionaryObject, NameObject, StreamObject

_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def packed(members: Mapping[str, bytes]) -> bytes:
    """An archive; the first member is not compressed, as OpenDocument wants it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, data) in enumerate(members.items()):
            archive.writestr(name, data, zipfile.ZIP_STORED if number == 0 else None)
    return out.getvalue()


def pdf(*pages: str, password: str = "", owner: str = "") -> bytes:
    """A PDF with a line on each page; a page without words is empty, as a scan's is."""
    writer = pypdf.PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for words in pages:
        page = writer.add_blank_page(300, 300)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        stream = StreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({words}) Tj ET".encode("latin-1") if words else b"")
        page[NameObject("/Contents")] = writer._add_object(stream)  # noqa: SLF001 - the library has no public way
    if password or owner:
        writer.encrypt(password, owner_password=owner or None, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word() -> bytes:
    """Headings, a list, a table with merged cells."""
    document = docx.Document()
    document.add_heading("Plan", 0)
    document.add_heading("Kitchen", 2)
    document.add_paragraph("Paint the walls.")
    document.add_paragraph("Brushes", style="List Bullet")
    table = document.add_table(2, 3)
    for row, words in zip(table.rows, (("colour", "litres", "a|b"), ("green", "4", "")), strict=True):
        for cell, text in zip(row.cells, words, strict=True):
            cell.text = text
    table.cell(1, 1).merge(table.cell(1, 2))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def excel(rows: Sequence[Sequence[object]] = ()) -> bytes:
    """Two sheets with values of several kinds; or one sheet with these rows."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Costs"
    for row in rows or (
        ("day", "usd", None),
        (date(2026, 3, 1), 2.5, None),
        (datetime(2026, 3, 2, 9, 30), 3.0, True),  # noqa: DTZ001 - Excel knows no zones
    ):
        sheet.append(list(row))
    if not rows:
        book.create_sheet("Notes")["B4"] = 'She said "yes"'
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def slides(*texts: str, notes: str = "", beginning: str = "") -> bytes:
    """A deck that shows its slides in the order opposite to that of their files."""
    ids = "".join(f'<p:sldId id="{256 + n}" r:id="r{n}"/>' for n in reversed(range(len(texts))))
    deck = f'<p:presentation xmlns:p="{_P}" xmlns:r="{_R}"><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>'
    members = {
        "[Content_Types].xml": b"<Types/>",
        "ppt/presentation.xml": deck.encode(),
        "ppt/_rels/presentation.xml.rels": _relations(
            {f"r{n}": ("slide", f"slides/s{n}.xml") for n in range(len(texts))}
        ),
    }
    for number, text in enumerate(reversed(texts)):
        members[f"ppt/slides/s{number}.xml"] = f"{beginning}{_shape('p:sld', text)}".encode()
    if notes:
        members[f"ppt/slides/_rels/s{len(texts) - 1}.xml.rels"] = _relations(
            {"n": ("notesSlide", "../notes/n.xml")}
        )
        members["ppt/notes/n.xml"] = _shape("p:notes", notes).encode()
    return packed(members)


def _relations(found: Mapping[str, tuple[str, str]]) -> bytes:
    ones = "".join(
        f'<Relationship Id="{key}" Type="{_R}/{kind}" Target="{to}"/>' for key, (kind, to) in found.items()
    )
    return f'<Relationships xmlns="{_RELS}">{ones}</Relationships>'.encode()


def _shape(root: str, text: str) -> str:
    words = text.replace("\n", "</a:t></a:r><a:br/><a:r><a:t>")
    return (
        f'<{root} xmlns:p="{_P}" xmlns:a="{_A}"><p:sp><p:nvSpPr><p:nvPr><p:ph type="body"/></p:nvPr></p:nvSpPr>'
        f"<p:txBody><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:txBody></p:sp></{root}>"
    )


def open_document(kind: str, body: str) -> bytes:
    """An OpenDocument file of a kind ("text", "spreadsheet", "presentation") with this in its body."""
    spaces = " ".join(f'xmlns:{one}="{_ODF}:{full}:1.0"' for one, full in _SPACES.items())
    content = (
        f"<office:document-content {spaces}><office:body><office:{kind}>{body}</office:{kind}></office:body>"
    )
    return packed(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
            "content.xml": f"{content}</office:document-content>".encode(),
            "META-INF/manifest.xml": b"<manifest/>",
        }
    )


_SPACES = {"office": "office", "text": "text", "table": "table", "draw": "drawing"}


def bomb() -> bytes:
    """A Word file of a few kilobytes that says it unpacks to gigabytes."""
    data = bytearray(packed({"word/document.xml": b"<w/>", "word/media/a.xml": b"\0" * 1_000}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 3_000_000_000)
    return bytes(data)
