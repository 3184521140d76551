"""``tongke doctor``: looks at every part of the platform and says, in sentences, what is wrong and what to do."""

from __future__ import annotations

from tongke.main.doctor.examination import CHECKS, examine
from tongke.main.doctor.finding import Finding, Level
from tongke.main.doctor.work import PING, answer_ping

__all__ = ["CHECKS", "PING", "Finding", "Level", "answer_ping", "examine"]
