"""Routes whose whole work, the answer's serialisation included, happens in the one thread that ran the handler."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

from fastapi import Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter


class OneThreadRoute(APIRoute):
    """A route that asks for no second thread between its first statement and its commit.

    FastAPI serialises what a plain handler returns in another turn of the thread pool, while the transaction is
    still open. When every thread of the pool waits for the database's one writer, that turn never comes: the writer
    waits for a thread, the threads wait for the writer.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, self._answering(endpoint), **options)

    def _answering(self, endpoint: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(endpoint):
            return endpoint

        @wraps(endpoint)
        def answer(**given: Any) -> Any:
            result = endpoint(**given)
            return result if isinstance(result, Response) else self._serialised(result, given)

        return answer

    def _serialised(self, result: Any, given: dict[str, Any]) -> Response:
        status = self.status_code or 200
        if result is None:
            answer = Response(status_code=status)
        else:
            content = self._shape.dump_json(self._shape.validate_python(result), by_alias=True)
            answer = Response(content, status, media_type="application/json")
        for value in given.values():
            if isinstance(value, Response):  # the handler's own parameter, on which it set headers
                answer.headers.update({k: v for k, v in value.headers.items() if k.lower() != "content-length"})
        return answer

    @cached_property
    def _shape(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.response_model)
