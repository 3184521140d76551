"""Why a file is not accepted: what it is, and what to do instead, in the teacher's words."""

from __future__ import annotations

from tongke.errors import RefusedContent
from tongke.i18n import Text, say

SHORTCUT = say("这个文件是网页快捷方式，不是视频、图片或文档。请打开它指向的内容，把真正的文件存下来再上传。")
PLAYLIST = say("这个文件只是一张播放列表，里面没有视频。请上传 mp4、mov 或 mkv 文件。")
WEB_PAGE = say("这个文件是网页。为了大家的安全，不能直接上传网页；请另存为 PDF，或者打包成 zip 上传。")
DRAWING = say("这个文件是 SVG 图形，里面可能带有程序。请另存为 PNG 或 PDF 再上传。")
SCRIPT = say("这个文件是程序脚本，不能直接上传。如果它是上课用的例子，请打包成 zip 上传。")
PROGRAM = say("这个文件是可以运行的程序，不能上传。请上传视频、音频、文档、图片或 zip 课件包。")
FLASH = say("这个文件是 Flash 动画，现在的浏览器已经打不开。请录成视频（mp4）再上传。")
OTHER_ARCHIVE = say("这种压缩包（rar、7z 等）不能上传。请解压后重新压缩成 zip 格式再上传。")
ENCRYPTED = say("这个文件设了打开密码，别人看不了。请去掉密码、另存一份再上传。")
EMPTY = say("这个文件是空的，没有内容。请检查后重新选择。")
TRUNCATED = say("这个文件不完整，可能是拷贝或下载时中断了。请重新拷贝一份再上传。")
DAMAGED = say("这个文件已经损坏，打不开。请在自己的电脑上打开检查，另存一份再上传。")
TEXT_IN_DISGUISE = say("这个文件的名字像是视频、图片或文档，内容却只是一段文字。请选择真正的文件。")
TOO_MANY_PIXELS = say("这张图片的尺寸太大（{width}×{height}），打开会占满电脑内存。请缩小后再上传。")
UNKNOWN = say("认不出这个文件是什么。请上传视频、音频、PDF、Office 或 WPS 文档、图片、文本或 zip 课件包。")
KNOWN_BUT_REFUSED = say(
    "这个文件是“{name}”，平台打不开这种文件。请另存为视频、音频、PDF、Office 或 WPS 文档、图片、文本或 zip 再上传。"
)
OLD_MEDIA = say("这种音视频格式（{name}）大多数电脑放不了。请用格式转换软件转成 mp4（视频）或 mp3（声音）再上传。")


def refuse(reason: Text) -> RefusedContent:
    """The error that tells ``reason``; raised by the caller so that its flow stays readable."""
    return RefusedContent(reason)


def filled(reason: Text, **values: str | int) -> Text:
    """``reason`` with its places filled."""
    return Text(reason.source, values)
