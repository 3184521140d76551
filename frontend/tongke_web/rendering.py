"""Pages and fragments: one address answers both; errors become pages or notices in the reader's language."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from jinja2 import FileSystemBytecodeCache, PackageLoader, StrictUndefined, Template
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tongke.accounts.actor import ANONYMOUS, Actor
from tongke.errors import SignInRequired, TongkeError, TooManyRequests
from tongke.http.deps import locale_of
from tongke.i18n import LOCALES, Text, catalogue, fingerprint, say
from tongke_web import covers, formats, words
from tongke_web.folding import FoldingEnvironment
from tongke_web.shared.drawing import Pen
from tongke_web.static_files import BuiltFiles

VARY = "Cookie, Accept-Language, Accept-Encoding, HX-Request, HX-Request-Type, HX-History-Restore-Request"
THEME_COOKIE = "tongke_theme"
LOW_DATA_COOKIE = "tongke_low_data"
DONE_COOKIE = "tongke_done"
THEMES = ("light", "dark")
_COMPRESS_FROM_BYTES = 1024
_COMPRESS_LEVEL = 3  # pages are made once and read once: level 9 costs four times as much for a tenth fewer bytes


class Pages:
    """The templates of one application, an environment for each language, and the addresses they may name."""

    def __init__(self, app: FastAPI, files: BuiltFiles, cache: Path | None = None) -> None:
        self._app = app
        self._files = files
        self._paths: dict[str, str] = {}
        self.icon = lru_cache(self._icon)
        self._environments = {locale: self._environment(locale, cache) for locale in LOCALES}

    def asset(self, name: str) -> str:
        return self._files.url(name)

    @property
    def icons(self) -> list[str]:
        return self._files.icons

    def template(self, name: str, locale: str) -> Template:
        return self._environments[locale].get_template(name)

    def url(self, name: str, _query: dict[str, Any] | None = None, /, **params: Any) -> str:
        """The path of the route ``name``; ``_query`` values may be lists, empty ones are left out."""
        known = self.pattern(name)
        path = known.format_map({k: quote(str(v), safe="") for k, v in params.items()}) if params else known
        kept = {k: v for k, v in (_query or {}).items() if v not in (None, "", [], ())}
        return f"{path}?{urlencode(kept, doseq=True)}" if kept else path

    def pattern(self, name: str) -> str:
        """The address of a route with its places in braces; lists of ids fill them themselves."""
        return self._paths.get(name) or self._paths.setdefault(name, self._path_of(name))

    def _path_of(self, name: str) -> str:
        """The address of a route with its places in braces, looked up once: lists name one route dozens of times."""
        found = next((c.path for c in iter_route_contexts(self._app.routes) if c.name == name), None)
        if found is None:
            raise LookupError(f"no route is called {name}")
        return re.sub(r"{(\w+):\w+}", r"{\1}", found)

    def _icon(self, name: str, label: str = "", *, full: bool = False, turns: bool = False) -> Markup:
        """An icon of the sprite; without a label it is decoration."""
        classes = f"icon{' is-full' if full else ''}{' turns' if turns else ''}"
        said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        return Markup('<svg class="{}" {}><use href="{}#{}"></use></svg>').format(
            classes, said, self.asset("icons.svg"), name
        )

    def _environment(self, locale: str, cache: Path | None) -> FoldingEnvironment:
        environment = FoldingEnvironment(
            loader=PackageLoader("tongke_web", "."),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
            finalize=lambda value: value.in_locale(locale) if type(value) is Text else value,
        )
        environment.policies["ext.i18n.trimmed"] = True
        environment.install_gettext_translations(catalogue(locale), newstyle=True)  # type: ignore[attr-defined]
        pen = Pen(locale, self.asset("icons.svg"))
        environment.globals |= {
            "locale": locale,
            "url": self.url,
            "asset": self.asset,
            "cover_of": covers.cover_of,
            "icon": self.icon,
            "draw_card": pen.card,
            "draw_facets": pen.facet_boxes,
            "draw_pager": pen.pager,
            "sign_in_path": sign_in_path,
        }
        environment.filters |= formats.filters(locale) | words.filters(locale)
        said = catalogue(locale).gettext
        environment.constants = {
            "_": lambda sentence, **values: Markup(said(sentence)) % values,  # noqa: S704 - as the extension does
            "icon": self.icon,
            "asset": self.asset,
        }
        environment.bytecode_cache = self._bytecode(locale, cache) if cache else None
        return environment

    def _bytecode(self, locale: str, folder: Path) -> FileSystemBytecodeCache:
        """Compiled templates, which hold what was folded into them: other sentences or files, other bytecode."""
        folded = f"{locale}\n{fingerprint(locale)}\n{self._files.names}\n{self.icon('mark', 'mark')}"
        kept = folder / hashlib.sha256(folded.encode()).hexdigest()[:16]
        kept.mkdir(parents=True, exist_ok=True)
        return FileSystemBytecodeCache(str(kept))


def wants_fragment(request: Request) -> bool:
    """Whether htmx asks for a part of this page, not for the page (boosted, full, history)."""
    headers = request.headers
    return (
        headers.get("hx-request") == "true"
        and headers.get("hx-request-type") != "full"
        and "hx-boosted" not in headers
        and "hx-history-restore-request" not in headers
    )


def is_low_data(request: Request) -> bool:
    """The switch of this browser, else the person's, else the browser's ``Save-Data``."""
    chosen = request.cookies.get(LOW_DATA_COOKIE)
    if chosen in {"0", "1"}:
        return chosen == "1"
    return _actor_of(request).low_data or request.headers.get("save-data", "").lower() == "on"


def page(
    request: Request,
    name: str,
    /,
    *,
    fragment: str | None = None,
    status: int = 200,
    done: Text | None = None,
    **context: Any,
) -> Response:
    """Template ``name`` as a page, or its block ``fragment`` when htmx asks for a part.

    ``done`` is said in a toast. What every template may use besides ``context``: ``request``, ``actor``, ``path``,
    ``low_data``, ``theme``, ``done``.
    """
    locale = locale_of(request)
    pages: Pages = request.app.state.pages
    template = pages.template(name, locale)
    context |= _shared_context(request)
    if fragment and wants_fragment(request):
        body = "".join(template.blocks[fragment](template.new_context(context)))
        response = _html(request, body, status)
        if done:
            response.headers["HX-Trigger"] = json.dumps({"tongke:done": {"words": done.in_locale(locale)}})
        return response
    told = request.cookies.get(DONE_COOKIE)
    context["done"] = done or (unquote(told) if told else "")
    response = _html(request, template.render(context), status)
    if told:
        response.delete_cookie(DONE_COOKIE)
    return response


def see_other(
    request: Request, name: str, _query: dict[str, Any] | None = None, /, *, done: Text | None = None, **params: Any
) -> RedirectResponse:
    """303 to the route ``name`` after something was done; ``done`` is said there in a toast."""
    pages: Pages = request.app.state.pages
    return see_other_path(request, pages.url(name, _query, **params), done=done)


def see_other_path(request: Request, path: str, *, done: Text | None = None) -> RedirectResponse:
    """303 to a path of ours."""
    response = RedirectResponse(path, 303)
    if done:
        words_said = quote(done.in_locale(locale_of(request)))
        response.set_cookie(DONE_COOKIE, words_said, max_age=60, httponly=True, samesite="lax")
    return response


def sign_in_path(back: str) -> str:
    """Where to sign in, and then go on with ``back``."""
    return f"/sign-in?{urlencode({'next': back})}"


def own_path(path: str, otherwise: str = "/") -> str:
    """``path`` if a browser would stay on this site with it, else ``otherwise``: for ``next`` and ``back`` fields."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if is_ours else otherwise


def answer_error(request: Request, error: TongkeError) -> Response:
    """The sentence of ``error`` as a page, or for htmx as a notice above the content, with its status."""
    if wants_fragment(request):
        response = page(request, "shared/error.html", fragment="notice", status=error.status, error=error)
        response.headers["HX-Retarget"] = "#notices"
        response.headers["HX-Reswap"] = "innerHTML"
        if isinstance(error, SignInRequired):
            response.headers["HX-Redirect"] = sign_in_path(_page_of_fragment(request))
    else:
        response = page(request, "shared/error.html", status=error.status, error=error)
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


_HTTP_ERRORS = {
    404: ("not-found", say("没有找到"), say("没有找到这个页面，或者它不对您开放。")),
    405: ("method-not-allowed", say("这里不能这样操作"), say("请从页面上的按钮或链接重新进入。")),
    413: ("too-large", say("内容太长"), say("提交的内容太长，请分几次提交。")),
    422: ("invalid", say("填写的内容有误"), say("有些内容不符合要求，请检查后再提交。")),
    500: ("internal", say("出了点问题"), say("这不是您的错。我们已经记录下来，请稍后再试。")),
}


def error_of_status(status: int) -> TongkeError:
    """What to tell a person when the framework itself refuses with ``status``."""
    code, title, message = _HTTP_ERRORS.get(status, _HTTP_ERRORS[422 if status < 500 else 500])  # noqa: PLR2004
    error = TongkeError(message)
    error.status, error.code, error.title = status, code, title
    return error


def _page_of_fragment(request: Request) -> str:
    shown = request.headers.get("hx-current-url", "")
    base = str(request.base_url)
    return own_path("/" + shown.removeprefix(base)) if shown.startswith(base) else "/"


def _actor_of(request: Request) -> Actor:
    actor: Actor = getattr(request.state, "actor", ANONYMOUS)
    return actor


def _shared_context(request: Request) -> dict[str, Any]:
    query = request.url.query
    theme = request.cookies.get(THEME_COOKIE, "")
    return {
        "request": request,
        "actor": _actor_of(request),
        "path": request.url.path,
        "here": f"{request.url.path}?{query}" if query else request.url.path,
        "low_data": is_low_data(request),
        "theme": theme if theme in THEMES else "",
        "done": "",
    }


def _html(request: Request, body: str, status: int) -> Response:
    content = body.encode()
    # What a signed-in person saw is not there for the next one at a shared computer, not by the back button either.
    kept = "no-store" if _actor_of(request).is_signed_in else "private, no-cache"
    headers = {"Vary": VARY, "Cache-Control": kept}
    if len(content) >= _COMPRESS_FROM_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, _COMPRESS_LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(content, status, headers, "text/html")
