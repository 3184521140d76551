"""Our own decoders, each in a locked-down process: a hostile file takes down nothing but itself.

``python -m tongke.media.decoding TASK SOURCE …`` writes files into the working directory and answers JSON. Exit
status ``NEEDS_PASSWORD`` or ``DAMAGED`` says what is wrong with it.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from tongke.media.images import make_thumbnail
from tongke.media.sandbox import DAMAGED, NEEDS_PASSWORD

PAGE_SIDE = 1280
PAGE_BYTES = 40_000
MOST_PAGES = 300
MOST_CHARACTERS = 2_000_000


def pages(source: Path, _: str) -> dict[str, Any]:
    """Page images 0001.webp … and the text of a PDF."""
    import pypdfium2  # slow import

    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        sys.exit(NEEDS_PASSWORD if "password" in str(error).lower() else DAMAGED)
    texts: list[str] = []
    sizes: list[tuple[int, int]] = []
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        sizes.append(_draw(page, Path(f"{number + 1:04}.webp")))
        texts.append(page.get_textpage().get_text_bounded())
        page.close()
        print(json.dumps({"page": number + 1, "of": min(len(document), MOST_PAGES)}), flush=True)  # noqa: T201
    _write_text("\n\n".join(texts))
    return {"page_count": len(document), "sizes": sizes}


def _draw(page: Any, target: Path) -> tuple[int, int]:
    """One page as WebP, no longer than ``PAGE_SIDE`` whatever size the file claims."""
    width, height = page.get_size()
    scale = PAGE_SIDE / max(width, height, 1.0)
    image: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    for side, quality in ((PAGE_SIDE, 68), (PAGE_SIDE, 42), (PAGE_SIDE * 3 // 4, 42), (PAGE_SIDE * 3 // 4, 25)):
        image.thumbnail((side, side))
        image.save(target, "WEBP", quality=quality, method=4)
        if target.stat().st_size <= PAGE_BYTES:
            break
    return image.size


def thumbnail(source: Path, media_type: str) -> dict[str, Any]:
    """A small WebP of a picture."""
    width, height = make_thumbnail(source, Path("thumbnail.webp"), media_type)
    return {"width": width, "height": height}


def office_text(source: Path, _: str) -> dict[str, Any]:
    """The words of a pptx, docx or xlsx, without LibreOffice."""
    with zipfile.ZipFile(source) as archive:
        names = set(archive.namelist())
    readers: tuple[tuple[str, Callable[[Path], Iterator[str]]], ...] = (
        ("ppt/presentation.xml", _slides),
        ("word/document.xml", _document),
        ("xl/workbook.xml", _sheets),
    )
    for part, reader in readers:
        if part in names:
            _write_text("\n".join(reader(source)))
            return {}
    sys.exit(DAMAGED)


def _slides(source: Path) -> Iterator[str]:
    import pptx  # slow import

    for slide in pptx.Presentation(str(source)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text
            if getattr(shape, "has_table", False):
                yield from ("\t".join(cell.text for cell in row.cells) for row in shape.table.rows)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame:
            yield slide.notes_slide.notes_text_frame.text


def _document(source: Path) -> Iterator[str]:
    import docx  # slow import

    document = docx.Document(str(source))
    yield from (paragraph.text for paragraph in document.paragraphs)
    for table in document.tables:
        yield from ("\t".join(cell.text for cell in row.cells) for row in table.rows)


def _sheets(source: Path) -> Iterator[str]:
    import openpyxl  # slow import

    for sheet in openpyxl.load_workbook(source, read_only=True, data_only=True):
        yield sheet.title
        for row in sheet.iter_rows(values_only=True):
            if words := [str(value) for value in row if value is not None]:
                yield "\t".join(words)


def _write_text(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x02", "-")  # PDFium's mark for a hyphen
    lines = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", lines)
    Path("text.txt").write_text(lines[:MOST_CHARACTERS], encoding="utf-8", errors="replace", newline="\n")


TASKS: dict[str, Callable[[Path, str], dict[str, Any]]] = {
    "pages": pages,
    "thumbnail": thumbnail,
    "office-text": office_text,
}


def main(task: str, source: str, argument: str = "") -> None:
    try:
        answer = TASKS[task](Path(source), argument)
    except (OSError, ValueError, KeyError, SyntaxError, zipfile.BadZipFile) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(DAMAGED)
    print(json.dumps(answer))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
