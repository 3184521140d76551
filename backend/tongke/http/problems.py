"""Errors as problem details (RFC 9457) for programs."""

from __future__ import annotations

from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from tongke.errors import ScopeMissing, TongkeError, TooManyRequests
from tongke.http.deps import locale_of
from tongke.i18n import say

MEDIA_TYPE = "application/problem+json"
_STATUS_TITLES = {
    400: say("请求无法理解"),
    404: say("没有找到"),
    405: say("这个地址不支持这种方法"),
    413: say("文件太大"),
    422: say("填写的内容有误"),
}


def problem(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """One problem; ``type`` is a relative reference that the API guide explains."""
    body = {"type": f"/docs/problems#{code}", "title": title, "status": status, "detail": detail}
    body["instance"] = request.url.path
    return JSONResponse({**body, **more}, status, headers, MEDIA_TYPE)


def problem_of_error(request: Request, error: Exception) -> JSONResponse:
    """Answer a ``TongkeError`` in the caller's language."""
    assert isinstance(error, TongkeError)
    locale = locale_of(request)
    headers: dict[str, str] = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_s)
    if error.status == 401:  # noqa: PLR2004
        headers["WWW-Authenticate"] = 'Bearer realm="tongke"'
    more: dict[str, Any] = {}
    if isinstance(error, ScopeMissing):
        more["scope"] = error.scope
        headers["WWW-Authenticate"] = f'Bearer realm="tongke", error="insufficient_scope", scope="{error.scope}"'
    if error.fields:
        more["errors"] = [{"field": f, "detail": t.in_locale(locale)} for f, t in error.fields.items()]
    return problem(
        request,
        error.status,
        error.code,
        error.title.in_locale(locale),
        error.message.in_locale(locale),
        headers=headers,
        **more,
    )


def problem_of_validation(request: Request, error: Exception) -> JSONResponse:
    """Answer FastAPI's own validation errors; values sent are not repeated."""
    assert isinstance(error, RequestValidationError)
    locale = locale_of(request)
    errors = [{"field": ".".join(str(p) for p in e["loc"]), "detail": e["msg"]} for e in error.errors()]
    title = _STATUS_TITLES[422].in_locale(locale)
    detail = say("有 {n} 处填写不符合要求，见 errors。", n=len(errors)).in_locale(locale)
    return problem(request, 422, "invalid", title, detail, errors=errors)


def problem_of_http(request: Request, error: Exception) -> JSONResponse:
    """Answer what the router itself refuses (404, 405 …)."""
    assert isinstance(error, HTTPException)
    title = _STATUS_TITLES.get(error.status_code, _STATUS_TITLES[400]).in_locale(locale_of(request))
    headers = dict(error.headers or {})
    return problem(request, error.status_code, f"http-{error.status_code}", title, title, headers=headers)
