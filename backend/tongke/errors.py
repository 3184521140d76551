"""Errors a person can be told about: each carries its sentence, its status and a stable machine name."""

from __future__ import annotations

from tongke.i18n import Text, say


class TongkeError(Exception):
    """Something to tell the person: ``message`` is the sentence, ``code`` the stable name for programs."""

    status = 400
    code = "bad-request"
    title = say("请求无法完成")

    def __init__(self, message: Text, *, fields: dict[str, Text] | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.fields = fields or {}


class Invalid(TongkeError):
    """The input does not hold; ``fields`` names what is wrong where."""

    status, code, title = 422, "invalid", say("填写的内容有误")


class SignInRequired(TongkeError):
    """Nobody is signed in, and this needs somebody."""

    status, code, title = 401, "sign-in-required", say("请先登录")


class Forbidden(TongkeError):
    """The actor sees the thing but may not do this."""

    status, code, title = 403, "forbidden", say("没有权限")


class ScopeMissing(Forbidden):
    """The token in hand is narrowed to other scopes; ``scope`` is the one it lacks."""

    code, title = "scope-missing", say("访问令牌的权限不够")

    def __init__(self, scope: str) -> None:
        super().__init__(say("这个访问令牌没有“{scope}”权限。", scope=scope))
        self.scope = scope


class NotFound(TongkeError):
    """It does not exist, or the actor may not learn that it does."""

    status, code, title = 404, "not-found", say("没有找到")

    def __init__(self, message: Text | None = None) -> None:
        super().__init__(message or say("没有找到这个页面，或者它不对您开放。"))


class Conflict(TongkeError):
    """The thing is in a state in which this cannot be done."""

    status, code, title = 409, "conflict", say("当前状态下不能这样做")


class Gone(TongkeError):
    """It was public once and has been withdrawn."""

    status, code, title = 410, "gone", say("内容已撤回")


class TooLarge(TongkeError):
    """More bytes than this person may send."""

    status, code, title = 413, "too-large", say("文件太大")


class RefusedContent(TongkeError):
    """The bytes are not of a type we accept."""

    status, code, title = 415, "refused-content", say("不接受这种文件")


class Locked(TongkeError):
    """Somebody else is at it just now; it opens by itself."""

    status, code, title = 423, "locked", say("正在使用中")


class TooManyRequests(TongkeError):
    """Come back after ``retry_after_s`` seconds."""

    status, code, title = 429, "too-many-requests", say("操作太频繁")

    def __init__(self, message: Text, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unforeseen(TongkeError):
    """Something went wrong that nobody thought of; it is in the server's log."""

    status, code, title = 500, "internal", say("出了点问题")

    def __init__(self) -> None:
        super().__init__(say("这不是您的错。我们已经记录下来，请稍后再试。"))


class StorageFull(TongkeError):
    """There is no room for the bytes announced."""

    status, code, title = 507, "storage-full", say("存储空间不足")


class Unavailable(TongkeError):
    """A part of the platform does not answer now."""

    status, code, title = 503, "unavailable", say("服务暂时不可用")


class StorageUnavailable(Unavailable):
    """The object store does not answer or refuses."""

    code = "storage-unavailable"

    def __init__(self, message: Text | None = None) -> None:
        super().__init__(message or say("文件存储暂时不可用，请稍后再试。"))


class SearchUnavailable(Unavailable):
    """The search engine does not answer."""

    code = "search-unavailable"

    def __init__(self, message: Text | None = None) -> None:
        super().__init__(message or say("搜索引擎暂时不可用。"))


class BlobNotFound(NotFound):
    """No object stands under that key."""

    code = "blob-not-found"

    def __init__(self, key: str) -> None:
        super().__init__(say("没有找到这个文件。"))
        self.key = key


def require(allowed: bool, message: Text) -> None:
    """Raise ``Forbidden`` with ``message`` unless ``allowed``."""
    if not allowed:
        raise Forbidden(message)
