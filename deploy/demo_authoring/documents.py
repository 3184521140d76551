"""Word documents (and PDFs made from them) from the marked-up texts."""

from __future__ import annotations

import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from demo_authoring import drawings
from demo_authoring.markup import Block, Source, read, runs
from demo_authoring.office import settle, to_pdf
from demo_authoring.palette import LOOKS

_MADE = datetime(2026, 9, 1, tzinfo=UTC)
_TEXT_WIDTH_CM = 17.0


def make(source_path: Path, folder: Path) -> Path:
    """Write the .docx, .pdf or plain .md that the settings of ``source_path`` ask for."""
    source = read(source_path)
    target = folder / f"{source_path.stem}.{source['to'] or 'docx'}"
    if target.suffix == ".md":
        target.write_text(source_path.read_text(encoding="utf-8").partition("\n---\n")[2].lstrip(), encoding="utf-8")
        return target
    document = Writer(source).document
    if target.suffix == ".docx":
        document.save(str(target))
        settle(target)
        return target
    with tempfile.TemporaryDirectory() as work:
        draft = Path(work) / f"{source_path.stem}.docx"
        document.save(str(draft))
        to_pdf(draft, target)
    return target


class Writer:
    """Lays the blocks of one source out on A4."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.look = LOOKS[source["look"] or "maths"]
        self.strong = self.look.strong.lstrip("#")
        self.pale = self.look.pale.lstrip("#")
        self.size = float(source["size"] or 10.5)
        self.document: DocumentType = Document()
        self._page()
        self._masthead()
        for block in source.blocks:
            getattr(self, f"_{block.kind}")(block)
        self._properties()

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2)
        section.top_margin, section.bottom_margin = Cm(1.8), Cm(1.8)
        normal = self.document.styles["Normal"]
        latin, east = ("Noto Sans CJK SC",) * 2 if self.source["to"] == "pdf" else ("Calibri", "Microsoft YaHei")
        normal.font.name, normal.font.size = latin, Pt(self.size)
        normal.element.rPr.rFonts.set(qn("w:eastAsia"), east)
        normal.paragraph_format.line_spacing = 1.35
        normal.paragraph_format.space_after = Pt(4)
        self._footer(section.footer.paragraphs[0])

    def _footer(self, paragraph: Paragraph) -> None:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(f"{self.source['by']}　·　CC BY 4.0　·　")
        run.font.size, run.font.color.rgb = Pt(8.5), RGBColor(0x55, 0x63, 0x6D)
        number = paragraph.add_run()
        number.font.size = Pt(8.5)
        for kind in ("begin", None, "end"):
            if kind:
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), kind)
            else:
                mark = OxmlElement("w:instrText")
                mark.text = "PAGE"
            number._r.append(mark)  # noqa: SLF001  python-docx has no fields

    def _masthead(self) -> None:
        table = self.document.add_table(rows=1, cols=1)
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        cell = table.cell(0, 0)
        _shade(cell, self.strong if self.look.ground > "#8" else "1d5f8a")
        over = cell.paragraphs[0]
        over.paragraph_format.space_before = Pt(6)
        self._write(over, self.source["over"], 9.5, "FFFFFF")
        title = cell.add_paragraph()
        self._write(title, self.source["title"], 20, "FFFFFF", bold=True)
        title.paragraph_format.space_after = Pt(6)
        if self.source["name_line"]:
            self._write(self.document.add_paragraph(), self.source["name_line"], self.size + 0.5)

    def _write(
        self, paragraph: Paragraph, words: str, size: float | None = None, colour: str = "", *, bold: bool = False
    ) -> None:
        for piece, strong in runs(words):
            run = paragraph.add_run(piece)
            run.bold = bold or strong
            if size:
                run.font.size = Pt(size)
            if colour:
                run.font.color.rgb = RGBColor.from_string(colour)

    def _heading(self, block: Block) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(10), Pt(4)
        paragraph.paragraph_format.keep_with_next = True
        dark = self.strong if self.look.ground > "#8" else "1D5F8A"
        self._write(paragraph, block.words, self.size + 3.5, dark.upper(), bold=True)
        border = OxmlElement("w:pBdr")
        left = OxmlElement("w:left")
        for name, value in (("val", "single"), ("sz", "24"), ("space", "6"), ("color", dark)):
            left.set(qn(f"w:{name}"), value)
        border.append(left)
        paragraph._p.get_or_add_pPr().append(border)  # noqa: SLF001  python-docx has no borders

    def _subheading(self, block: Block) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(6)
        paragraph.paragraph_format.keep_with_next = True
        self._write(paragraph, block.words, self.size + 1, bold=True)

    def _paragraph(self, block: Block) -> None:
        paragraph = self.document.add_paragraph()
        if self.source["language"] == "ug" and _is_arabic(block.words):
            _right_to_left(paragraph)
        self._write(paragraph, block.words)

    def _bullet(self, block: Block) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Cm(0.6), Cm(-0.45)
        paragraph.paragraph_format.space_after = Pt(2)
        self._write(paragraph, "•　" + block.words)

    def _numbered(self, block: Block) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Cm(0.7), Cm(-0.7)
        self._write(paragraph, block.words)

    def _callout(self, block: Block) -> None:
        table = self.document.add_table(rows=1, cols=1)
        _shade(table.cell(0, 0), self.pale if self.look.ground > "#8" else "DBE9F2")
        _loosen(table.cell(0, 0).paragraphs[0])
        self._write(table.cell(0, 0).paragraphs[0], block.words)
        self._gap(4)

    def _statement(self, block: Block) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._write(paragraph, block.words, self.size + 5, bold=True)

    def _answer(self, block: Block) -> None:
        """Empty ruled lines to write on; ``___3`` gives three."""
        for _ in range(int(block.words.strip("_") or 1)):
            self._write(
                self.document.add_paragraph(), "＿" * round(_TEXT_WIDTH_CM / (self.size * 0.0353) - 3), None, "B8B2A4"
            )

    def _table(self, block: Block) -> None:
        columns = len(block.rows[0])
        table = self.document.add_table(rows=0, cols=columns)
        table.style = "Table Grid"
        table.autofit = False
        widths = self._widths(block)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        for number, row in enumerate(block.rows):
            cells = table.add_row().cells
            for cell, words, width in zip(cells, row, widths, strict=True):
                cell.width = Cm(width)
                if not number and self.source["plain_tables"] != "yes":
                    _shade(cell, self.pale if self.look.ground > "#8" else "DBE9F2")
                for line, part in enumerate(words.split("<br>")):
                    paragraph = cell.paragraphs[0] if not line else cell.add_paragraph()
                    _loosen(paragraph)
                    if self.source["language"] == "ug" and _is_arabic(part):
                        _right_to_left(paragraph)
                    self._write(paragraph, part, bold=not number)
        self._gap(6)

    def _widths(self, block: Block) -> list[float]:
        longest = [min(36, max(9, *(len(row[k]) for row in block.rows))) for k in range(len(block.rows[0]))]
        return [_TEXT_WIDTH_CM * n / sum(longest) for n in longest]

    def _picture(self, block: Block) -> None:
        name, _, width = block.words.partition(" ")
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run()
        shape = run.add_picture(io.BytesIO(drawings.png(name)), width=Cm(float(width or 12)))
        shape._inline.docPr.set("descr", drawings.description(name))  # noqa: SLF001  the alternative text

    def _break(self, _block: Block) -> None:
        self.document.add_page_break()

    def _gap(self, points: float) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.line_spacing = Pt(points)

    def _properties(self) -> None:
        properties = self.document.core_properties
        properties.title, properties.author = self.source["title"], self.source["by"]
        properties.comments = ""
        properties.created = properties.modified = _MADE
        properties.language = self.source["language"] or "zh-CN"


def _loosen(paragraph: Paragraph) -> None:
    """Keep words in a cell off its lines."""
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(3), Pt(3)
    paragraph.paragraph_format.line_spacing = 1.15


def _shade(cell: _Cell, colour: str) -> None:
    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shading.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shading)  # noqa: SLF001  python-docx has no shading


def _is_arabic(words: str) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for letter in words)


def _right_to_left(paragraph: Paragraph) -> None:
    paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))  # noqa: SLF001  python-docx has no direction
