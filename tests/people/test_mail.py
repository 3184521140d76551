"""Letters by SMTP against real servers, and the outbox that sends them."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select
from tests.people.mail_servers import make_certificate, postman
from tests.postgres import free_port

from tongke.config import Settings, SettingsError
from tongke.db import reading, transaction
from tongke.jobs.models import Job, JobState
from tongke.jobs.worker import Worker
from tongke.mail import open_mail, outbox
from tongke.mail.base import Letter, LetterRefused, MailUnavailable, is_address
from tongke.mail.smtp import SmtpMailer
from tongke.main.doctor.examination import examine
from tongke.main.doctor.finding import Level

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server warns of what one test is about
SENDER = "同课 <tongke@example.org>"
LETTER = Letter("wang@example.org", "重置\n密码", "请打开：http://testserver/x", html="<p>请打开</p>")


def mailer_at(port: int, *, user: str = "", options: str = "") -> SmtpMailer:
    return SmtpMailer(f"smtp://{user}127.0.0.1:{port}{options}", sender=SENDER)


def test_letter_arrives_as_it_was_written() -> None:
    with postman() as server:
        mailer_at(server.port).send(LETTER)

    (letter,) = server.letters
    assert (letter["To"], letter["From"], letter["Subject"]) == ("wang@example.org", SENDER, "重置 密码")
    assert letter.get_body(("plain",)).get_content().strip() == LETTER.text
    assert letter.get_body(("html",)).get_content().strip() == LETTER.html
    assert letter["Auto-Submitted"] == "auto-generated"


def test_password_goes_over_tls_and_the_certificate_is_checked(tmp_path) -> None:
    certificate = make_certificate(tmp_path)
    with postman(password="s3cret", certificate=certificate) as server:
        mailer_at(server.port, user="tongke:s3cret@", options=f"?ca={certificate}").send(LETTER)
        with pytest.raises(MailUnavailable):
            mailer_at(server.port, user="tongke:s3cret@").send(LETTER)

    assert (len(server.letters), server.was_encrypted) == (1, True)


def test_password_is_never_told_in_clear_to_another_machine(monkeypatch) -> None:
    with postman(password="s3cret") as server:
        monkeypatch.setattr("tongke.mail.smtp._is_here", lambda _host: False)
        with pytest.raises(MailUnavailable, match="明文"):
            mailer_at(server.port, user="tongke:s3cret@").send(LETTER)

    assert server.letters == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [("451 come back later", MailUnavailable), ("554 we do not like this", LetterRefused)],
)
def test_what_the_server_says_decides_whether_to_try_again(answer, error) -> None:
    with postman() as server:
        server.answers.append(answer)
        with pytest.raises(error, match=answer[4:]):
            mailer_at(server.port).send(LETTER)


def test_unknown_person_is_refused_and_a_wrong_password_is_the_operators_to_mend() -> None:
    with postman(password="s3cret") as server:
        right = mailer_at(server.port, user="tongke:s3cret@")
        with pytest.raises(LetterRefused, match="no such person"):
            right.send(Letter("nobody@example.org", "x", "x"))
        with pytest.raises(MailUnavailable, match="用户名或密码"):
            mailer_at(server.port, user="tongke:wrong@").send(LETTER)


def test_server_that_is_away_is_unavailable() -> None:
    with pytest.raises(MailUnavailable):
        mailer_at(free_port()).send(LETTER)


@pytest.mark.parametrize("url", ["http://mail.example.org", "smtp://"])
def test_settings_that_cannot_work_are_refused(settings: Settings, url) -> None:
    with pytest.raises(SettingsError):
        open_mail(settings.model_copy(update={"mail_url": url, "mail_sender": SENDER}))


def test_sender_is_required(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="SENDER"):
        open_mail(settings.model_copy(update={"mail_url": "smtp://127.0.0.1:1"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a@b.cn", True), ("wang.li@school.edu.cn", True), ("wang001", False), ("a@b", False), ("a@b.cn\nBcc:x@y.z", False),
     ("a b@c.cn", False), ("@b.cn", False)],
)  # fmt: skip
def test_address_is_told_from_a_school_issued_name(text, expected) -> None:
    assert is_address(text) is expected


def test_posted_letter_goes_after_the_commit_and_is_forgotten(engine) -> None:
    with transaction(engine) as session:
        outbox.post(session, LETTER)
    with Session(engine) as session:  # closed without a commit: what it tells of did not happen
        outbox.post(session, Letter("li@example.org", "x", "x"))
    with postman() as server:
        Worker(engine, outbox.handlers(mailer_at(server.port)), poll_s=0.02).run(until_idle=True)

    with reading(engine) as session:
        (job,) = session.exec(select(Job)).all()
    assert [letter["To"] for letter in server.letters] == ["wang@example.org"]
    assert (job.state, sorted(job.payload)) == (JobState.DONE, ["key", "to"])


def test_letter_waits_while_the_server_is_away(engine) -> None:
    with transaction(engine) as session:
        outbox.post(session, LETTER)
    worker = Worker(engine, outbox.handlers(mailer_at(free_port())), poll_s=0.02)
    worker.run(idle_exit_s=0.3)

    with reading(engine) as session:
        (job,) = session.exec(select(Job)).all()
    assert (job.state, job.attempts, job.payload["text"]) == (JobState.QUEUED, 1, LETTER.text)
    assert "邮件服务器没有应答" in job.failure


def test_letter_that_nobody_takes_is_failed_with_its_reason_and_forgotten(engine) -> None:
    with transaction(engine) as session:
        outbox.post(session, Letter("nobody@example.org", "x", "once: 123"))
    with postman() as server:
        Worker(engine, outbox.handlers(mailer_at(server.port)), poll_s=0.02).run(until_idle=True)

    with reading(engine) as session:
        (job,) = session.exec(select(Job)).all()
    assert (job.state, job.payload["to"], "text" in job.payload) == (JobState.FAILED, "nobody@example.org", False)
    assert "no such person" in job.failure


def test_without_a_mail_server_a_letter_fails_with_a_sentence(engine) -> None:
    with transaction(engine) as session:
        outbox.post(session, LETTER)
    Worker(engine, outbox.handlers(None), poll_s=0.02).run(until_idle=True)

    with reading(engine) as session:
        (job,) = session.exec(select(Job)).all()
    assert (job.state, "TONGKE_MAIL_URL" in job.failure) == (JobState.FAILED, True)


def test_doctor_asks_the_mail_server(settings: Settings) -> None:
    def level(**update: str) -> Level:
        (finding,) = examine(settings.model_copy(update={"mail_sender": SENDER, **update}), ["mail"])
        return finding.level

    with postman() as server:
        there = level(mail_url=f"smtp://127.0.0.1:{server.port}")
    gone = level(mail_url=f"smtp://127.0.0.1:{server.port}")

    assert (there, gone, level(mail_url=""), level(mail_url="ftp://x")) == (
        Level.OK, Level.FAILED, Level.OK, Level.FAILED,
    )  # fmt: skip
