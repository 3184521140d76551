"""PDF, Office and WPS files: page images and text."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tongke.config import Settings
from tongke.i18n import Text, say
from tongke.jobs.worker import GaveUp
from tongke.media import refusals
from tongke.media.models import MediaKind
from tongke.media.sandbox import (
    GIBIBYTE,
    NEEDS_PASSWORD,
    Limits,
    OutOfTime,
    ToolFailed,
    ToolMissing,
    Workspace,
    run,
    run_decoder,
)

NO_OFFICE: Text = say("服务器没有安装 LibreOffice，暂时不能生成页面图片；文件本身可以下载。请联系管理员安装后重试。")
NOT_CONVERTED: Text = say("这个文档没能转换成页面图片，可能已经损坏。请在自己的电脑上打开检查，另存为 PDF 后再上传。")
TOO_LONG: Text = say("这个文档太复杂，转换超过了时间限制。请另存为 PDF，或拆成几个文件再上传。")
PDF_LIMITS = Limits(cpu_s=300, time_s=600)
OFFICE_LIMITS = Limits(cpu_s=150, time_s=240, memory_bytes=2 * GIBIBYTE, file_bytes=GIBIBYTE)
_OPENXML = [".pptx", ".docx", ".xlsx"]
SOCKET_FOLDER = Path("/tmp")  # noqa: S108  # where LibreOffice puts its socket, whatever TMPDIR says
_SOCKETS = "OSL_PIPE_*_SingleOfficeIPC_*"
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Document:
    """What was made: page images in order (none without LibreOffice, then ``why_no_pages`` says so), and the text."""

    pages: list[Path]
    text: Path
    page_count: int
    sizes: list[tuple[int, int]]
    why_no_pages: Text | None = None


def convert(
    settings: Settings, place: Workspace, kind: str, stopping: threading.Event, report: Callable[[float], None]
) -> Document:
    """Pages and text of the document in ``place``; raises ``GaveUp`` with the sentence for the teacher."""
    try:
        if kind == MediaKind.PDF:
            return _from_pdf(place, stopping, report)
        return _from_office(settings, place, stopping, report)
    except OutOfTime as error:
        raise GaveUp(TOO_LONG) from error
    except ToolFailed as error:
        raise GaveUp(refusals.ENCRYPTED if error.status == NEEDS_PASSWORD else NOT_CONVERTED) from error


def _from_pdf(place: Workspace, stopping: threading.Event, report: Callable[[float], None]) -> Document:
    def on_line(line: str) -> None:
        told = json.loads(line)
        if "of" in told:
            report(told["page"] / told["of"])

    answer = run_decoder("pages", place, limits=PDF_LIMITS, stopping=stopping, on_line=on_line)
    made = sorted(place.out.glob("[0-9]*.webp"))
    return Document(made, place.out / "text.txt", answer["page_count"], answer["sizes"])


def _from_office(
    settings: Settings, place: Workspace, stopping: threading.Event, report: Callable[[float], None]
) -> Document:
    try:
        pdf = to_pdf(settings, place, stopping)
    except ToolMissing as error:
        return _words_only(place, stopping, NO_OFFICE, error)
    except OutOfTime as error:
        return _words_only(place, stopping, TOO_LONG, error)
    except ToolFailed as error:
        return _words_only(place, stopping, NOT_CONVERTED, error)
    return _from_pdf(Workspace(pdf, place.out), stopping, report)


def _words_only(place: Workspace, stopping: threading.Event, reason: Text, error: Exception) -> Document:
    """Without page images the words of the newer formats can still be read and found."""
    if place.source.suffix not in _OPENXML:
        raise GaveUp(reason) from error
    run_decoder("office-text", place, limits=PDF_LIMITS, stopping=stopping)
    return Document([], place.out / "text.txt", 0, [], reason)


def to_pdf(settings: Settings, place: Workspace, stopping: threading.Event) -> Path:
    """LibreOffice, headless, one at a time on this machine's worker."""
    profile = f"-env:UserInstallation={(place.out / 'profile').as_uri()}"
    convert_to = ["--headless", "--norestore", "--convert-to", "pdf", "--outdir", str(place.out), str(place.source)]
    argv = [settings.soffice, profile, *convert_to]
    with _one_at_a_time:
        _start_once(argv, place, stopping)
        return _convert(argv, place, stopping)


def _start_once(argv: list[str], place: Workspace, stopping: threading.Event) -> None:
    """Let it make its profile: the first start asks to be started again, but may not remove its own socket."""
    with _swept_sockets(), suppress(ToolFailed):
        run(
            [*argv[:2], "--headless", "--terminate_after_init"],
            place,
            limits=OFFICE_LIMITS,
            stopping=stopping,
            sockets=[SOCKET_FOLDER],
        )


def _convert(argv: list[str], place: Workspace, stopping: threading.Event) -> Path:
    target = place.out / f"{place.source.stem}.pdf"
    with _swept_sockets():
        run(argv, place, limits=OFFICE_LIMITS, stopping=stopping, sockets=[SOCKET_FOLDER])
    if not target.exists():
        raise ToolFailed(1, "no PDF was made")
    return target


@contextmanager
def _swept_sockets() -> Iterator[None]:
    """LibreOffice may make its socket but not remove it: we do."""
    before = set(SOCKET_FOLDER.glob(_SOCKETS))
    try:
        yield
    finally:
        for left in set(SOCKET_FOLDER.glob(_SOCKETS)) - before:
            left.unlink(missing_ok=True)
