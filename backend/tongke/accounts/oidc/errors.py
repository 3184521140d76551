"""What goes wrong with a provider, each with its own reason."""

from __future__ import annotations

from enum import StrEnum

from tongke.errors import TongkeError, Unavailable
from tongke.i18n import Text, say


class ProviderDown(Unavailable):
    """The provider does not answer, or answers nonsense; signing in by password goes on."""

    code = "provider-down"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(say("{name} 现在没有应答。您可以稍后再试，或用同课的登录名和密码登录。", name=name))
        self.why = why


class Reason(StrEnum):
    """Why a token is not believed."""

    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    HEADER = "header"
    TYPE = "type"
    KEY = "key"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    TOO_EARLY = "too-early"
    TOO_OLD = "too-old"
    NONCE = "nonce"
    ACCESS_TOKEN = "access-token"  # noqa: S105 - a word, not a secret
    CLAIM = "claim"
    EVENTS = "events"
    REPLAYED = "replayed"


_WORDS: dict[Reason, Text] = {
    Reason.MALFORMED: say("它的格式不对"),
    Reason.ALGORITHM: say("它的签名算法不被接受"),
    Reason.HEADER: say("它自带密钥或带有不认识的头"),
    Reason.TYPE: say("它不是用来做这件事的"),
    Reason.KEY: say("登录服务没有公布签名它的密钥"),
    Reason.SIGNATURE: say("它的签名不对"),
    Reason.ISSUER: say("它不是由这个登录服务签发的"),
    Reason.AUDIENCE: say("它不是发给本平台的"),
    Reason.EXPIRED: say("它已经过期"),
    Reason.TOO_EARLY: say("它还没有生效，可能是时钟不准"),
    Reason.TOO_OLD: say("它签发得太久了"),
    Reason.NONCE: say("它不属于这一次登录"),
    Reason.ACCESS_TOKEN: say("它和同来的访问令牌不相配"),
    Reason.CLAIM: say("它缺少内容或内容不对"),
    Reason.EVENTS: say("它不是退出通知"),
    Reason.REPLAYED: say("它已经用过一次"),
}


class TokenRefused(TongkeError):
    """A token that is not believed; ``reason`` is its stable name for logs and tests."""

    code = "token-refused"
    title = say("登录没有完成")

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(say("登录服务发来的凭据没有通过检查：{reason}。请重新登录一次。", reason=_WORDS[reason]))
        self.reason, self.detail = reason, detail


class ProviderRefused(TongkeError):
    """The provider sent the person back without signing them in."""

    code = "provider-refused"
    title = say("登录没有完成")

    def __init__(self, name: str, error: str) -> None:
        super().__init__(say("{name} 没有完成登录。请再试一次，或用同课的登录名和密码登录。", name=name))
        self.error = error
