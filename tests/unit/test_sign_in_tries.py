"""Guessers are slowed down; a school behind one address, and a teacher somebody guesses at, are not locked out."""

from __future__ import annotations

import threading
from datetime import timedelta

import time_machine
from hypothesis import given
from hypothesis import strategies as some
from sqlmodel import select

from tongke.accounts import tries
from tongke.accounts.sign_in_models import SignInTries
from tongke.db import now, reading, transaction
from tongke.errors import TooManyRequests

KEY = b"a key for tests"
SCHOOL, STRANGER = "10.1.1.1", "203.0.113.9"


def fail(engine, name: str = "wang", address: str = SCHOOL) -> int:
    """One wrong try; returns the seconds to wait, 0 when it was let through."""
    try:
        with transaction(engine) as session:
            tries.count_try(session, tries.guesser(KEY, name=name, address=address))
    except TooManyRequests as told:
        return told.retry_after_s
    return 0


def succeed(engine, name: str = "wang", address: str = SCHOOL) -> None:
    assert fail(engine, name, address) == 0
    with transaction(engine) as session:
        tries.forgive(session, tries.guesser(KEY, name=name, address=address))


def test_sixth_try_waits_and_each_wait_is_twice_the_last(engine) -> None:
    moment = now()
    waits = []
    with time_machine.travel(moment, tick=False) as clock:
        for _ in range(tries.FREE_TRIES_OF_PAIR):
            assert fail(engine) == 0
        for _ in range(4):
            waits.append(fail(engine))
            clock.shift(timedelta(seconds=waits[-1] + 1))
            assert fail(engine) == 0

    assert waits == [2, 4, 8, 16]


def test_waiting_itself_costs_nothing(engine) -> None:
    with time_machine.travel(now(), tick=False):
        for _ in range(tries.FREE_TRIES_OF_PAIR):
            fail(engine)
        assert [fail(engine) for _ in range(3)] == [2, 2, 2]


def test_success_clears(engine) -> None:
    for _ in range(tries.FREE_TRIES_OF_PAIR - 1):
        fail(engine)
    succeed(engine)

    assert [fail(engine) for _ in range(tries.FREE_TRIES_OF_PAIR)] == [0] * tries.FREE_TRIES_OF_PAIR
    assert fail(engine) > 0


def test_guesses_from_many_addresses_wait_by_name(engine) -> None:
    for number in range(tries.FREE_TRIES_OF_NAME):
        assert fail(engine, address=f"203.0.113.{number}") == 0

    assert fail(engine, address="198.51.100.1") > 0
    assert fail(engine, name="another", address="198.51.100.1") == 0


def test_strangers_do_not_lock_a_teacher_out_of_her_school(engine) -> None:
    succeed(engine, address=SCHOOL)
    for number in range(tries.FREE_TRIES_OF_NAME):
        fail(engine, address=f"203.0.113.{number}")

    assert fail(engine, address=STRANGER) > 0
    assert fail(engine, address=SCHOOL) == 0


def test_school_of_forty_five_signs_in_from_one_address(engine) -> None:
    with time_machine.travel(now(), tick=False):
        for number in range(400):
            succeed(engine, name=f"pupil{number}")


def test_address_that_tries_every_name_waits(engine) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        assert [fail(engine, name=f"n{n}") for n in range(tries.TRIES_OF_ADDRESS)] == [0] * tries.TRIES_OF_ADDRESS
        assert 0 < fail(engine, name="one more") <= tries.ADDRESS_WINDOW.total_seconds()
        assert fail(engine, name="one more", address=STRANGER) == 0
        clock.shift(tries.ADDRESS_WINDOW + timedelta(seconds=1))
        assert fail(engine, name="one more") == 0


def test_many_at_once_are_counted_before_any_is_looked_at(engine) -> None:
    results: list[int] = []
    threads = [threading.Thread(target=lambda: results.append(fail(engine))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (results.count(0), len(results)) == (tries.FREE_TRIES_OF_PAIR, 12)


def test_a_day_later_all_is_forgotten_and_no_names_were_kept(engine) -> None:
    for _ in range(tries.FREE_TRIES_OF_PAIR):
        fail(engine)
    with time_machine.travel(now() + tries.FORGET_AFTER + timedelta(minutes=1)):
        assert fail(engine, name="another", address=STRANGER) == 0
        with reading(engine) as session:
            keys = session.exec(select(SignInTries.key)).all()

    assert len(keys) == 3
    assert all(len(key) == 64 for key in keys)


@given(some.integers(0, 10_000), some.integers(1, 20))
def test_wait_grows_and_ends_somewhere(count, free) -> None:
    wait, next_wait = tries.wait_after(count, free), tries.wait_after(count + 1, free)

    assert timedelta(0) <= wait <= next_wait <= tries.LONGEST_WAIT
    assert (wait == timedelta(0)) == (count < free)
