"""PowerPoint decks from the marked-up texts; a slide's layout follows from what stands on it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Cm, Pt

from demo_authoring import drawings
from demo_authoring.markup import Block, Source, read, runs
from demo_authoring.office import settle
from demo_authoring.palette import LOOKS, mix

_WIDE_CM, _HIGH_CM = 33.867, 19.05
_EAST = "Microsoft YaHei"


def make(source_path: Path, folder: Path) -> Path:
    source = read(source_path)
    deck = Deck(source)
    target = folder / f"{source_path.name.removesuffix('.deck.md')}.pptx"
    deck.presentation.save(str(target))
    settle(target)
    return target


class Deck:
    """One presentation, 16:9."""

    def __init__(self, source: Source) -> None:
        self.source, self.look = source, LOOKS[source["look"]]
        self.presentation: Any = Presentation()
        self.presentation.slide_width, self.presentation.slide_height = Cm(_WIDE_CM), Cm(_HIGH_CM)
        properties = self.presentation.core_properties
        properties.title, properties.author = source["title"], source["by"]
        properties.created = properties.modified = datetime(2026, 9, 1, tzinfo=UTC)
        self._cover()
        for number, blocks in enumerate(_slides(source.blocks), 2):
            self._slide(blocks, number)

    def _new(self, ground: str) -> Any:
        slide = self.presentation.slides.add_slide(self.presentation.slide_layouts[6])
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = _colour(ground)
        return slide

    def _cover(self) -> None:
        slide = self._new(self.look.ground)
        self._shape(slide, (0, 0, 1.2, _HIGH_CM), self.look.strong)
        self._shape(slide, (1.2, 0, 0.35, _HIGH_CM), mix(self.look.ground, self.look.strong, 0.35))
        self._text(slide, (3.2, 4.2, 20, 1.4), self.source["over"], 20, self.look.strong, bold=True)
        self._text(slide, (3.2, 5.8, 18.5, 5), self.source["title"], 48, self.look.ink, bold=True)
        self._text(slide, (3.2, 13.6, 20, 1.4), self.source["by"], 20, self.look.grey)
        if self.source["cover"]:
            self._picture(slide, self.source["cover"], (21.6, 4.2, 10.6, 10.6))
        if self.source["glyph"]:
            self._text(
                slide, (20, 2.2, 13, 13), self.source["glyph"], 290, mix(self.look.ground, self.look.strong, 0.3)
            )

    def _slide(self, blocks: list[Block], number: int) -> None:
        slide = self._new(self.look.ground)
        heading = next((b.words for b in blocks if b.kind == "heading"), "")
        body = [b for b in blocks if b.kind != "heading"]
        self._text(slide, (2, 1.1, 28, 1.8), heading, 34, self.look.ink, bold=True)
        self._shape(slide, (2.1, 3.0, 2.6, 0.16), self.look.strong)
        self._text(
            slide,
            (26, 17.7, 6, 0.9),
            f"{self.source['title'].replace(chr(11), ' ')}　{number}",
            11,
            self.look.grey,
            align=PP_ALIGN.RIGHT,
        )
        pictures = [b for b in body if b.kind == "picture"]
        words = [b for b in body if b.kind in ("paragraph", "bullet", "numbered")]
        if pictures:
            space = (17.2, 3.9, 14.8, 11.6) if words else (4, 3.9, 26, 11.6)
            self._picture(slide, pictures[0].words.split(" ")[0], space)
        if words:
            self._points(slide, words, 14.6 if pictures else 29)
        for block in body:
            if block.kind == "table":
                self._table(slide, block, 9.4 if words else 4.0)
            if block.kind == "statement":
                self._statement(slide, block, alone=len(body) == 1)
            if block.kind == "callout":
                self._callout(slide, block)

    def _points(self, slide: Any, blocks: list[Block], width: float) -> None:
        frame = self._frame(slide, (2, 3.7, width, 11.4))
        for number, block in enumerate(blocks):
            paragraph = frame.paragraphs[0] if not number else frame.add_paragraph()
            paragraph.space_after, paragraph.line_spacing = Pt(12), 1.2
            mark = "● " if block.kind == "bullet" else ""
            if mark:
                self._run(paragraph, mark, 14, self.look.strong)
            for piece, bold in runs(block.words):
                self._run(
                    paragraph, piece, 27 if width > 20 else 23, self.look.strong if bold else self.look.ink, bold=bold
                )

    def _statement(self, slide: Any, block: Block, *, alone: bool) -> None:
        place = (3, 6.6, _WIDE_CM - 6, 5) if alone else (2, 13.4, _WIDE_CM - 4, 2)
        self._text(slide, place, block.words, 38 if alone else 28, self.look.strong, bold=True, align=PP_ALIGN.CENTER)

    def _callout(self, slide: Any, block: Block) -> None:
        shape = self._shape(slide, (2, 15.2, _WIDE_CM - 4, 2.1), self.look.pale, rounded=True)
        paragraph = shape.text_frame.paragraphs[0]
        shape.text_frame.vertical_anchor, shape.text_frame.word_wrap = MSO_ANCHOR.MIDDLE, True
        for piece, bold in runs(block.words):
            self._run(paragraph, piece, 20, self.look.ink, bold=bold)

    def _table(self, slide: Any, block: Block, top: float) -> None:
        rows, columns = len(block.rows), len(block.rows[0])
        place = (Cm(2), Cm(top), Cm(_WIDE_CM - 4), Cm(min(2.1, 10.6 / rows) * rows))
        table = slide.shapes.add_table(rows, columns, *place).table
        longest = [max(6, *(len(row[k]) for row in block.rows)) for k in range(columns)]
        for k, share in enumerate(longest):
            table.columns[k].width = Cm((_WIDE_CM - 4) * share / sum(longest))
        for r, row in enumerate(block.rows):
            for k, words in enumerate(row):
                cell = table.cell(r, k)
                cell.fill.solid()
                cell.fill.fore_color.rgb = _colour(
                    self.look.strong if not r else mix(self.look.ground, self.look.pale, 0.5 * (r % 2))
                )
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE
                for piece, bold in runs(words):
                    self._run(
                        cell.text_frame.paragraphs[0],
                        piece,
                        22,
                        self.look.ground if not r else self.look.ink,
                        bold=bold or not r,
                    )

    def _picture(self, slide: Any, name: str, space: tuple[float, float, float, float]) -> None:
        picture = slide.shapes.add_picture(io.BytesIO(drawings.png(name)), Cm(space[0]), Cm(space[1]))
        shrink = min(Cm(space[2]) / picture.width, Cm(space[3]) / picture.height)
        picture.width, picture.height = int(picture.width * shrink), int(picture.height * shrink)
        picture.left = int(Cm(space[0]) + (Cm(space[2]) - picture.width) / 2)
        picture.top = int(Cm(space[1]) + (Cm(space[3]) - picture.height) / 2)
        picture._element.nvPicPr.cNvPr.set("descr", drawings.description(name))  # noqa: SLF001  the alternative text

    def _shape(self, slide: Any, place: tuple[float, float, float, float], fill: str, *, rounded: bool = False) -> Any:
        kind = MSO_SHAPE.ROUNDED_RECTANGLE if rounded else MSO_SHAPE.RECTANGLE
        shape = slide.shapes.add_shape(kind, *(Cm(v) for v in place))
        shape.fill.solid()
        shape.fill.fore_color.rgb = _colour(fill)
        shape.line.fill.background()
        shape.shadow.inherit = False
        return shape

    def _frame(self, slide: Any, place: tuple[float, float, float, float]) -> Any:
        frame = slide.shapes.add_textbox(*(Cm(v) for v in place)).text_frame
        frame.word_wrap = True
        return frame

    def _text(
        self,
        slide: Any,
        place: tuple[float, float, float, float],
        words: str,
        size: float,
        colour: str,
        *,
        bold: bool = False,
        align: Any = PP_ALIGN.LEFT,
    ) -> None:
        paragraph = self._frame(slide, place).paragraphs[0]
        paragraph.alignment = align
        self._run(paragraph, words, size, colour, bold=bold)

    def _run(self, paragraph: Any, words: str, size: float, colour: str, *, bold: bool = False) -> None:
        run = paragraph.add_run()
        run.text = words
        run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, _colour(colour)
        properties = run._r.get_or_add_rPr()  # noqa: SLF001  python-pptx has no east-asian face
        for tag in ("a:latin", "a:ea"):
            face = properties.makeelement(qn(tag), {"typeface": _EAST})
            properties.append(face)


def _slides(blocks: list[Block]) -> list[list[Block]]:
    slides: list[list[Block]] = [[]]
    for block in blocks:
        if block.kind == "break":
            slides.append([])
        else:
            slides[-1].append(block)
    return [slide for slide in slides if slide]


def _colour(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#").upper())
