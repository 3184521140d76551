"""The words people read for roles."""

from __future__ import annotations

from tongke.accounts.models import Role
from tongke.i18n import Text, say

ROLES: dict[Role, Text] = {
    Role.TEACHER: say("教师"),
    Role.REVIEWER: say("审核员"),
    Role.SCHOOL_ADMIN: say("学校管理员"),
    Role.REGION_ADMIN: say("区域管理员"),
    Role.PLATFORM_ADMIN: say("平台管理员"),
    Role.PUPIL: say("学生"),
}
