"""Slowing down who tries too often; a school behind one address is not locked out."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from tongke.errors import TooManyRequests
from tongke.i18n import say

CODES_BY_ADDRESS = RateLimitItemPerMinute(60)
RESETS_BY_ADDRESS, RESETS_BY_NAME = RateLimitItemPerMinute(20), RateLimitItemPerHour(6)
REPORTS_BY_ADDRESS = RateLimitItemPerMinute(6)
USES_BY_ADDRESS = RateLimitItemPerMinute(120)

_limiter = MovingWindowRateLimiter(MemoryStorage())
"""Counts in this process; with several web processes the bound is that many times higher."""


def count(limit: RateLimitItem, *who: str) -> None:
    """Count one try of ``who``; raises ``TooManyRequests`` with the seconds to wait."""
    if _limiter.hit(limit, *who):
        return
    wait_s = max(1, math.ceil(_limiter.get_window_stats(limit, *who).reset_time - time.time()))
    raise TooManyRequests(say("尝试太频繁，请 {seconds} 秒后再试。", seconds=wait_s), retry_after_s=wait_s)
