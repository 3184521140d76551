"""A class that signs in when the lesson begins: 45 people in one second from one address, on two processors.

    python -m tests.bench.sign_ins [--people 45] [--goal 4.0]

Every sign-in is a new connection to the real server; the time runs from the first one to the last answer. Each must be
a 303 with a cookie that opens the person's own page. Prints one line of JSON; exit status 1 above the goal.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from sqlmodel import Session
from tests.e2e.site import Site, running_site

from tongke.accounts.models import User
from tongke.accounts.passwords import hash_password
from tongke.config import Settings
from tongke.db import open_database, transaction

PASSWORD = "correct horse 同课"


def enrol(site: Site, people: int) -> list[str]:
    """Accounts straight into the database; they share a hash, which costs the server as much as their own would."""
    names, password_hash = [f"p{number}" for number in range(people)], hash_password(PASSWORD)
    with transaction(open_database(Settings(data_dir=site.data_dir).database)) as session:
        _add(session, names, password_hash)
    return names


def _add(session: Session, names: list[str], password_hash: str) -> None:
    session.add_all(User(email=name, name=name, password_hash=password_hash) for name in names)


def ask(
    base_url: str, method: str, path: str, body: str = "", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=60)
    connection.request(method, path, body.encode(), headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def processor_seconds(pid: int) -> float:
    """What the server has used of the processors so far: on a busy machine the clock tells more about the others."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def sign_in(base_url: str, name: str, after_s: float, started: float) -> tuple[float, str]:
    """Sign in ``after_s`` after the start; returns when the answer was there and the cookie."""
    time.sleep(max(0.0, started + after_s - time.perf_counter()))
    form = urlencode({"email": name, "password": PASSWORD, "next": "/me"})
    answer, _ = ask(base_url, "POST", "/sign-in", form, **{"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status, answer.headers["location"]) == (303, "/me"), answer.status
    return time.perf_counter() - started, answer.headers["set-cookie"].split(";")[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=45)
    parser.add_argument("--goal", type=float, default=4.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder), demo=False) as site:
        names = enrol(site, chosen.people)
        with ThreadPoolExecutor(chosen.people) as pool:
            assert site.process
            used_s, started = processor_seconds(site.process.pid), time.perf_counter()
            pending = [
                pool.submit(sign_in, site.base_url, name, number / chosen.people, started)
                for number, name in enumerate(names)
            ]
            ended = [one.result() for one in pending]
            used_s = processor_seconds(site.process.pid) - used_s
        for name, (_, cookie) in zip(names, ended, strict=True):
            assert name in ask(site.base_url, "GET", "/me/settings", Cookie=cookie)[1].decode()
    total_s = max(moment for moment, _ in ended)
    slowest_s = max(moment - number / chosen.people for number, (moment, _) in enumerate(ended))
    figures = {
        "people": chosen.people,
        "total_s": round(total_s, 2),
        "slowest_s": round(slowest_s, 2),
        "processor_s": round(used_s, 2),
    }
    print(json.dumps({**figures, "goal_s": chosen.goal, "processors": os.cpu_count(), "load": os.getloadavg()[0]}))
    return 0 if total_s <= chosen.goal else 1


if __name__ == "__main__":
    sys.exit(main())
