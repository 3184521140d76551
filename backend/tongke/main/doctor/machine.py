"""Looks at the machine: disk, ports, secret key, the files of the release, virus scanner, mail server."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine

import tongke_web
from tongke.config import MEBIBYTE, Settings, SettingsError
from tongke.i18n import LOCALES, SOURCE_LOCALE, catalogue, say
from tongke.mail import open_mail
from tongke.main.doctor.finding import Finding, broken, good, worry

_COMFORT_BYTES = 2048 * MEBIBYTE
_SHORT_KEY = 32
_PATIENCE_S = 3.0


def check_disk(settings: Settings, _engine: Engine) -> Iterator[Finding]:
    """Room where the data lies, and the right to write there."""
    folder = settings.data_dir
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        yield broken("disk", say("数据目录 {folder} 不存在或不可写。", folder=folder.absolute()))
        return
    free = shutil.disk_usage(folder).free
    mb = free // MEBIBYTE
    if free < settings.free_space_reserve_bytes:
        yield broken("disk", say("数据目录所在磁盘只剩 {mb} MB，已经不能上传。请清理或换更大的磁盘。", mb=mb))
    elif free < settings.free_space_reserve_bytes + _COMFORT_BYTES:
        yield worry("disk", say("数据目录所在磁盘只剩 {mb} MB，快满了。请尽早清理或换更大的磁盘。", mb=mb))
    else:
        yield good("disk", say("数据目录所在磁盘还剩 {mb} MB。", mb=mb))


def check_secret(settings: Settings, _engine: Engine) -> Iterator[Finding]:
    """The signing key is long, and its file is its owner's alone."""
    if len(settings.signing_key) < _SHORT_KEY:
        yield broken("secret", say("密钥太短（不到 {n} 个字符）。请换一个长的随机密钥。", n=_SHORT_KEY))
        return
    path = settings.data_dir / "secret-key"
    if not settings.secret_key and os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield broken("secret", say("密钥文件 {path} 别人也能读。请运行 chmod 600。", path=path.absolute()))
        return
    yield good("secret", say("密钥妥当。"))


def check_ports(settings: Settings, _engine: Engine) -> Iterator[Finding]:
    """Each address is answered by us, or could be; something else there is a fault."""
    for name, url in (("pages", settings.base_url), ("content", settings.content_url)):
        check = f"ports.{name}"
        status = _status_of(url)
        if status is None and settings.is_embedded and not _is_free(url):
            yield broken(check, say("{url} 的端口被别的程序占用，服务无法启动。", url=url))
        elif status is None:
            yield worry(check, say("{url} 现在没有应答：服务没有启动，或网络不通。", url=url))
        elif name == "pages" and status != http.client.OK:
            yield worry(check, say("{url} 有应答，但不是本平台（状态 {status}）。", url=url, status=status))
        else:
            yield good(check, say("{url} 有应答。", url=url))


def _status_of(url: str) -> int | None:
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(parts.netloc, timeout=_PATIENCE_S, context=context)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=_PATIENCE_S)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _is_free(url: str) -> bool:
    """Whether a server of ours could take the port here; an address that is not this machine's is not judged."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", urlsplit(url).port or 80))  # noqa: S104 - only tried, never listened on
        except PermissionError:
            return True
        except OSError:
            return False
    return True


def check_release(_settings: Settings, _engine: Engine) -> Iterator[Finding]:
    """What a build puts beside the code: the front end, the translations."""
    manifest = Path(tongke_web.__file__).parent / "static" / "build" / "assets.json"
    missing = [locale for locale in LOCALES if locale != SOURCE_LOCALE and not catalogue(locale).gettext("")]
    if not manifest.is_file():
        yield broken("release", say("网页的样式和脚本没有生成。请运行 make setup，或重新安装发行包。"))
    elif missing:
        names = ", ".join(missing)
        yield worry("release", say("缺少翻译：{names}。请运行 make setup，或重新安装发行包。", names=names))
    else:
        yield good("release", say("网页文件和翻译齐全。"))


def check_clamav(settings: Settings, _engine: Engine) -> Iterator[Finding]:
    """Whether the virus scanner answers, where one is set."""
    if not settings.clamav_address:
        yield good("clamav", say("没有设置病毒扫描。"))
        return
    host, _, port = settings.clamav_address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=_PATIENCE_S) as line:
            line.sendall(b"zPING\0")
            answer = line.recv(16)
    except (OSError, ValueError):
        answer = b""
    if answer.startswith(b"PONG"):
        yield good("clamav", say("病毒扫描正常。"))
    else:
        yield broken("clamav", say("病毒扫描 {address} 没有应答，上传会被拒绝。", address=settings.clamav_address))


def check_mail(settings: Settings, _engine: Engine) -> Iterator[Finding]:
    """Whether the mail server answers and takes our name, where one is set."""
    try:
        mailer = open_mail(settings)
    except SettingsError as error:
        yield broken("mail", say("邮件设置不对：{reason}", reason=str(error)))
        return
    if mailer is None:
        yield good("mail", say("没有设置邮件服务器：忘了密码时由学校管理员发一次性代码。"))
        return
    mailer.check()
    yield good("mail", say("邮件服务器有应答。"))
