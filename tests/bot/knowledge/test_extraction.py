"""What is read of documents: text in order, with marks for its parts, and a sentence where there is none."""

from __future__ import annotations

import pytest

from bot.knowledge.extraction.gathering import Extract, Gathering, clean
from bot.knowledge.extraction.worker import Order, answer, read
from bot.knowledge.files import attachment
from tests.bot.knowledge.documents import bomb, excel, open_document, packed, pdf, slides, word

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
PAGE = b"""<!doctype html><html><head><title>T</title><style>p { color: red }</style></head><body>
<h1>Hi &amp; ho</h1><p>one <b>two</b> three<ul><li>a<li>b</ul><pre>  x
    y</pre><script>alert(1)</script><img src=x alt="A boat"></body></html>"""


def order(name: str, data: bytes, chars: int = 100_000) -> Order:
    return Order(attachment(name, data).media_type, chars, 10**9, 1_000_000)


def told(name: str, data: bytes, chars: int = 100_000) -> Extract:
    return read(order(name, data, chars), data)


def refused(name: str, data: bytes) -> str:
    return answer(order(name, data), data)["refused"]


def test_a_pdf_is_read_page_by_page() -> None:
    """Each page stands beneath its number; one without text says so, and they are counted."""
    found = told("a.pdf", pdf("First words", "", "Last words"))
    assert found.text == "[page 1]\nFirst words\n\n[page 2]\n(no text on this page)\n\n[page 3]\nLast words"
    assert found.extent == "3 pages, 1 without text"


def test_a_document_that_is_too_long_is_cut_at_a_page() -> None:
    """What is left out is said, to the model too."""
    found = told("a.pdf", pdf(*("Some words on a page" for _ in range(9))), chars=100)
    assert found.extent == "the first 3 of 9 pages"
    assert found.text.startswith("[page 1]\nSome words")
    assert found.text.endswith("[Only the first 3 of 9 pages could be read.]")


def test_a_scan_has_no_text_and_says_so() -> None:
    """With the number of its pages, and what to do instead."""
    assert refused("a.pdf", pdf("", "")).startswith("has 2 pages but no text in them, as scans have;")


def test_a_password_is_respected() -> None:
    """A PDF that wants one is refused; one that only forbids printing is not."""
    assert refused("a.pdf", pdf("Secret", password="sesame")).startswith("is protected with a password")
    assert "Not so secret" in told("a.pdf", pdf("Not so secret", owner="sesame")).text


def test_word_keeps_headings_lists_and_tables_in_their_order() -> None:
    """As Markdown; merged cells are told once."""
    found = told("a.docx", word())
    assert found.text.split("\n\n") == [
        "# Plan",
        "## Kitchen",
        "Paint the walls.",
        "- Brushes",
        "| colour | litres | a\\|b |\n| green | 4 |",
    ]
    assert found.extent == "5 paragraphs"


def test_excel_is_read_as_values_in_lines() -> None:
    """Sheet by sheet, dates and whole numbers as people write them, empty rows and ends left out."""
    found = told("a.xlsx", excel())
    assert found.text.split("\n") == [
        "[sheet Costs]",
        "day,usd",
        "2026-03-01,2.5",
        "2026-03-02 09:30:00,3,TRUE",
        "[sheet Notes]",
        ',"She said ""yes"""',
    ]
    assert found.extent == "2 sheets, 4 rows"


def test_a_large_sheet_is_cut_at_a_row() -> None:
    """The beginning is whole rows."""
    found = told("a.xlsx", excel([(number, "some words") for number in range(100)]), chars=60)
    assert found.extent == "the first 3 rows"
    assert found.text.startswith("[sheet Costs]\n0,some words\n1,some words")


def test_slides_are_read_in_the_order_they_are_shown() -> None:
    """With the notes of the speaker."""
    found = told("a.pptx", slides("Hello\nthere", "The end", notes="Smile"))
    assert found.text == "[slide 1]\nHello\nthere\nNotes: Smile\n\n[slide 2]\nThe end"
    assert found.extent == "2 slides"


def test_open_documents_are_read_by_their_kind() -> None:
    """Texts, sheets with cells that stand for many, slides."""
    text = '<text:h text:outline-level="2">Plan</text:h><text:p>Two<text:s text:c="2"/>words<text:tab/>x</text:p>'
    assert told("a.odt", open_document("text", text)) == Extract("## Plan\n\nTwo  words\tx", "2 paragraphs")
    cell = '<table:table-cell table:number-columns-repeated="2"><text:p>a,b</text:p></table:table-cell>'
    filler = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    rows = f'<table:table table:name="S"><table:table-row>{cell}</table:table-row>{filler}</table:table>'
    sheet = Extract('[sheet S]\n"a,b","a,b"', "1 sheet, 1 row")
    assert told("a.ods", open_document("spreadsheet", rows)) == sheet
    deck = open_document("presentation", "<draw:page><text:p>Hello</text:p></draw:page>")
    assert told("a.odp", deck) == Extract("[slide 1]\nHello", "1 slide")


def test_a_page_is_read_as_a_person_would() -> None:
    """No scripts, no styles, no title; pictures by what they are said to show."""
    found = told("a.html", PAGE)
    assert found.text == "# Hi & ho\n\none two three\n\n- a\n- b\n\n  x\n    y\n[A boat]"
    assert found.extent == "text only"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_tables_are_read_in_the_encodings_of_spreadsheets(encoding: str) -> None:
    """And their rows are counted, those with line ends in a field once."""
    assert told("a.csv", 'Größe;"x\ny"\r\n1;2\r\n'.encode(encoding)) == Extract('Größe;"x\ny"\n1;2', "2 rows")


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.pdf", b"%PDF-1.7\nnothing of the kind", "is broken"),
        ("a.docx", packed({"word/document.xml": b"<w>"}), "cannot be read; it may be broken"),
        ("a.docx", bomb(), "unpacks to far more"),
        ("a.pptx", slides("Ha", beginning=LAUGHS), "is broken"),
        ("a.pptx", slides("Ha", beginning=" " * 2_000 + LAUGHS), "is broken"),
        ("a.pptx", slides("", ""), "has 2 slides but no text in them"),
        ("a.xlsx", excel([[None]]), "has no values"),
        ("a.odt", open_document("text", ""), "has no text in it"),
        ("a.html", b"<html><script>draw()</script></html>", "shows no text"),
        ("a.csv", b"\n\n", "has no rows"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(name: str, data: bytes, why: str) -> None:
    """Each reason goes on from the file's name."""
    assert refused(name, data).startswith(why)


def test_text_is_made_fit_for_a_database_and_a_model() -> None:
    """No NULs, no halves of characters, no walls of empty lines."""
    assert clean("a\0b\ud800c  \r\n\n\n\n\rd\x0ce") == "abc\n\nd\ne"


def test_gathering_stops_at_its_time() -> None:
    """What was read by then stays."""
    gathering = Gathering(1_000, -1.0)
    assert (gathering.take(["late"]), gathering.full) == (0, True)
