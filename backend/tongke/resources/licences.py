"""The licences a resource may carry, each in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from tongke.i18n import Text, say


@dataclass(frozen=True, slots=True)
class Licence:
    """``code`` is what is stored, searched by and exported (SPDX where there is one)."""

    code: str
    name: Text
    explanation: Text
    url: str = ""
    may_adapt: bool = True
    share_alike: bool = False


_CC = "https://creativecommons.org/licenses"

LICENCES: dict[str, Licence] = {
    licence.code: licence
    for licence in (
        Licence(
            "CC-BY-4.0",
            say("署名"),
            say("别人可以使用、修改、再分享，只要写明是您做的。推荐。"),
            f"{_CC}/by/4.0/",
        ),
        Licence(
            "CC-BY-SA-4.0",
            say("署名、相同方式共享"),
            say("别人可以使用和修改，写明是您做的，改过的作品也要用同样的许可分享。"),
            f"{_CC}/by-sa/4.0/",
            share_alike=True,
        ),
        Licence(
            "CC-BY-NC-4.0",
            say("署名、非商业"),
            say("别人可以使用和修改，写明是您做的，但不能用来赚钱。"),
            f"{_CC}/by-nc/4.0/",
        ),
        Licence(
            "CC-BY-NC-SA-4.0",
            say("署名、非商业、相同方式共享"),
            say("别人可以使用和修改，写明是您做的，不能用来赚钱，改过的作品也要用同样的许可分享。"),
            f"{_CC}/by-nc-sa/4.0/",
            share_alike=True,
        ),
        Licence(
            "CC-BY-ND-4.0",
            say("署名、不得修改"),
            say("别人可以原样使用和分享，写明是您做的，但不能修改。"),
            f"{_CC}/by-nd/4.0/",
            may_adapt=False,
        ),
        Licence(
            "CC-BY-NC-ND-4.0",
            say("署名、非商业、不得修改"),
            say("别人可以原样使用和分享，写明是您做的，不能修改，也不能用来赚钱。"),
            f"{_CC}/by-nc-nd/4.0/",
            may_adapt=False,
        ),
        Licence(
            "CC0-1.0",
            say("放弃权利"),
            say("您放弃自己的权利，别人可以随意使用，不必写明出处。"),
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
        Licence(
            "public-domain",
            say("公有领域"),
            say("作品已过保护期或不受著作权保护，例如古诗文，谁都可以使用。"),
            "https://creativecommons.org/publicdomain/mark/1.0/",
        ),
        Licence(
            "OGL-UK-3.0",
            say("英国开放政府许可"),
            say("来自英国政府的开放资料，可以使用和修改，要写明出处。"),
            "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        ),
        Licence(
            "all-rights-reserved",
            say("保留所有权利"),
            say("别人可以在这里观看、在课堂上使用，不能修改，也不能在别处发布。"),
            may_adapt=False,
        ),
    )
}
DEFAULT_LICENCE = "CC-BY-4.0"


def licence_of(code: str) -> Licence:
    """Return the licence stored as ``code``; one we do not know reserves all rights."""
    known = LICENCES.get(code)
    return known or Licence(code, say("其他许可"), say("使用前请先问作者。"), may_adapt=False)
