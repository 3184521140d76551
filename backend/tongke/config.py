"""The settings: every one is a ``TONGKE_…`` environment variable, listed by ``tongke settings``."""

from __future__ import annotations

import secrets
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE = 1024 * 1024
GIBIBYTE = 1024 * MEBIBYTE


class SettingsError(ValueError):
    """The environment describes a platform that must not start."""


class Settings(BaseSettings):
    """What an operator may choose; ``data_dir`` and ``base_url`` suffice for the embedded profile."""

    model_config = SettingsConfigDict(env_prefix="TONGKE_", extra="ignore")

    data_dir: Path = Field(Path("var"), description="Where the embedded profile keeps everything.")
    base_url: str = Field("http://127.0.0.1:8000", description="The address people type, no trailing slash.")
    content_url: str = Field(
        "", description="The second origin, which serves user content; default: same host, next port."
    )
    secret_key: str = Field(
        "",
        description="Signs content addresses. Kept in the data directory by the embedded profile; required otherwise.",
    )
    database_url: str = Field("", description="sqlite:///… or postgresql://…; default: data_dir/tongke.sqlite3.")
    storage_url: str = Field(
        "", description="file:///… or s3://KEY:SECRET@host:port/bucket (s3+http: no TLS); default: data_dir/objects."
    )
    search_url: str = Field(
        "", description="embedded:///… or http(s)://:KEY@host:port (Meilisearch); default: data_dir/search."
    )
    clamav_address: str = Field("", description="host:port of a clamd that checks every upload; empty: none.")
    upload_limit_bytes: int = Field(4 * GIBIBYTE, description="Largest file a teacher may upload, in bytes.")
    upload_limit_admin_bytes: int = Field(
        20 * GIBIBYTE, description="Largest file a school, region or platform admin may upload, in bytes."
    )
    free_space_reserve_bytes: int = Field(
        512 * MEBIBYTE, description="Uploads are refused (507) when less than this would stay free."
    )
    mail_url: str = Field(
        "", description="smtp://USER:PASSWORD@host:port (STARTTLS if offered) or smtps://…; empty: no e-mail is sent."
    )
    mail_sender: str = Field("", description="Who letters are from: an address, or “name <address>”.")
    session_days: int = Field(14, description="A sign-in ends after this many days.")
    session_idle_minutes: int = Field(0, description="A sign-in ends after this many idle minutes; 0: never.")
    shared_idle_minutes: int = Field(
        30, description="The same for a sign-in on a shared computer (the default on the sign-in page); 0: never."
    )
    oidc_file: Path | None = Field(
        None, description="TOML file of identity providers people may sign in with (docs/sign-in.md)."
    )
    oidc_providers: str = Field("", description="The same as JSON, for where a file is awkward; added to the file's.")
    second_step_roles: str = Field(
        "", description="Roles that must sign in with a code or passkey besides the password, e.g. platform_admin."
    )
    web_threads: int = Field(8, description="Threads that answer requests in each web process.")
    worker_idle_s: int = Field(120, description="The embedded worker ends after this many idle seconds.")
    ffmpeg: str = Field("ffmpeg", description="The ffmpeg program.")
    ffprobe: str = Field("ffprobe", description="The ffprobe program.")
    soffice: str = Field("soffice", description="The LibreOffice program.")
    proxy_hops: int = Field(0, description="How many reverse proxies to believe for the client's address.")
    log_dir: str = Field(
        "", description="Folder of the log, a file a day; - is standard error. Default: data_dir/logs, regional: -."
    )
    log_days: int = Field(190, ge=180, description="Days a log file is kept; the law asks for 180.")
    backup_max_age_hours: int = Field(26, ge=1, description="Administrators are told when the last backup is older.")
    accel_redirect: str = Field("", description="Internal X-Accel-Redirect prefix; empty: bytes are sent by us.")

    @model_validator(mode="after")
    def _check(self) -> Settings:
        self.base_url = self.base_url.rstrip("/")
        self.content_url = self.content_url.rstrip("/")
        if not self.content_url:
            self.content_url = _next_port(self.base_url)
        if self.content_url == self.base_url:
            raise SettingsError("TONGKE_CONTENT_URL must differ from TONGKE_BASE_URL")
        if not self.is_embedded and not self.secret_key:
            raise SettingsError("TONGKE_SECRET_KEY is required when a database server is used")
        return self

    @property
    def is_embedded(self) -> bool:
        """Whether the database is SQLite: one process tree, the index drained by the web process."""
        return not self.database_url or self.database_url.startswith("sqlite")

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'tongke.sqlite3'}"

    @property
    def storage(self) -> str:
        return self.storage_url or f"file://{self.data_dir.absolute() / 'objects'}"

    @property
    def search(self) -> str:
        return self.search_url or f"embedded://{self.data_dir.absolute() / 'search'}"

    @cached_property
    def signing_key(self) -> bytes:
        """The secret; the embedded profile makes one on first use and keeps it readable by its owner only."""
        if self.secret_key:
            return self.secret_key.encode()
        path = self.data_dir / "secret-key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            try:
                with path.open("x", encoding="ascii") as stream:
                    path.chmod(0o600)
                    stream.write(secrets.token_urlsafe(48))
            except FileExistsError:
                pass  # another process of ours was first; its key is read below
        return path.read_bytes().strip()


def _next_port(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme == "https":
        raise SettingsError("TONGKE_CONTENT_URL is required when TONGKE_BASE_URL is https")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return urlunsplit((parts.scheme, f"{host}:{(parts.port or 80) + 1}", "", "", ""))
