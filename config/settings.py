"""The typed settings of every process, read from environment variables of the same (upper-case) names.

Three profiles choose the defaults:

- ``embedded``: one machine, nothing to install: SQLite files, an embedded Valkey, local storage, the WeChat
  sandbox and the small sample models (``bin/demo``).
- ``production``: MariaDB/MySQL, Redis/Valkey, the real WeChat and full-size models (``bin/serve``).
- ``test``: as embedded, with the fault points of the test-suite enabled.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.models import is_sample_model, model_directory

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_MODELS = ROOT / "samples" / "models"
PRIMARY_SERVER = "primary"
QUEUES = ("delivery", "analysis", "callbacks", "maintenance", "renditions")
_LONGEST_SOCKET_PATH = 100
_THIS_MACHINE = {"127.0.0.1", "::1", "localhost"}


class Settings(BaseSettings):
    """Everything a process may be told from outside. Units are in the names."""

    model_config = SettingsConfigDict(
        env_file=None,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # it holds secrets
    )

    profile: Literal["embedded", "production", "test"] = "embedded"
    data_dir: Path = ROOT / "data"
    public_base_url: str = "http://127.0.0.1:8000"
    log_level: str = "INFO"
    trusted_proxies: int = 0  # how many reverse proxies set X-Forwarded-For before us
    web_threads: int = Field(
        default=64, ge=8, le=512
    )  # requests at once in a web process; an upload holds one

    # Databases. Tenants live on named servers; the control plane always lives on the primary one.
    database_url: str = ""
    database_servers: dict[str, str] = Field(default_factory=dict)
    schema_prefix: str = "weimian"
    database_pool_size: int = 10
    valkey_url: str = ""

    # Secrets: 32 bytes in base64. Embedded and test profiles create them under data_dir/secrets.
    master_key: SecretStr = SecretStr("")
    jwt_secret_key: SecretStr = SecretStr("")
    access_token_minutes: int = 15
    refresh_token_days: int = 30
    operator_email: str = ""
    operator_password: SecretStr = SecretStr("")

    # WeChat and SMS.
    wechat_api_base_url: str = "https://api.weixin.qq.com"
    wechat_open_base_url: str = "https://open.weixin.qq.com"
    wechat_connect_timeout_seconds: float = 3.0
    wechat_read_timeout_seconds: float = 10.0
    wechat_miniprogram_state: Literal["developer", "trial", "formal"] = "formal"
    sms_gateway_url: str = ""
    sms_gateway_token: SecretStr = SecretStr("")

    # E-mail over SMTP; none is sent without a host. ``tls`` from the first byte (465), ``starttls`` (587).
    mail_host: str = ""
    mail_port: int = 465
    mail_security: Literal["tls", "starttls", "none"] = "tls"
    mail_user: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_from: str = "Weimian <no-reply@weimian.example>"
    mail_timeout_seconds: float = Field(default=15.0, gt=0, le=120)

    # A language model behind an OpenAI-compatible address (its /chat/completions); none by default.
    language_model_url: str = ""
    language_model_key: SecretStr = SecretStr("")
    language_model_name: str = ""
    language_model_timeout_seconds: float = Field(default=60.0, gt=0, le=600)

    # Recordings.
    recording_store: Literal["local", "s3"] = "local"
    s3_bucket: str = ""
    s3_endpoint_url: str = ""
    upload_max_bytes: int = 512 * 1024 * 1024
    upload_expiry_hours: int = 72
    free_disk_floor_bytes: int = 512 * 1024 * 1024
    playback_ticket_minutes: int = 10

    # Analysis. A model is a FunASR model name or a local directory.
    speech_model: str = "paraformer-zh"
    vad_model: str = "fsmn-vad"
    punc_model: str = "ct-punc"
    expression_weights: Path | None = None
    model_cache_dir: Path | None = None
    analysis_threads: int = 2
    answer_max_seconds: int = 600
    decode_timeout_seconds: int = 300
    decode_memory_bytes: int = 1024 * 1024 * 1024
    rendition_timeout_seconds: int = 1800

    # Work: how long a claimed piece of work may take before it is offered again, and how often we look.
    work_lease_seconds: float = 20.0
    relay_interval_seconds: float = 0.25
    work_in_flight_per_tenant: int = 8

    @field_validator("data_dir", "model_cache_dir", "expression_weights", mode="before")
    @classmethod
    def _absolute(cls, value: object) -> object:
        return Path(str(value)).expanduser().absolute() if value else value

    @model_validator(mode="before")
    @classmethod
    def _profile_defaults(cls, values: dict[str, object]) -> dict[str, object]:
        """Fill what the profile implies and the environment left open."""
        if values.get("profile", "embedded") == "production":
            return values
        data_dir = Path(str(values.get("data_dir") or ROOT / "data")).absolute()
        sample = {
            "database_url": f"sqlite:///{data_dir}/databases",
            "valkey_url": f"unix://{_socket_path(data_dir)}",
            "wechat_api_base_url": "http://127.0.0.1:8100",
            "wechat_open_base_url": "http://127.0.0.1:8100",
            "sms_gateway_url": "http://127.0.0.1:8100/sandbox/sms",
            "speech_model": str(SAMPLE_MODELS / "funasr-tiny" / "asr"),
            "vad_model": str(SAMPLE_MODELS / "funasr-tiny" / "vad"),
            "punc_model": str(SAMPLE_MODELS / "funasr-tiny" / "punc"),
            "expression_weights": str(SAMPLE_MODELS / "facial_expression_model_weights.onnx"),
            "wechat_miniprogram_state": "developer",
        }
        for name, default in sample.items():
            values.setdefault(name, default)
        for name in ("master_key", "jwt_secret_key"):
            if not values.get(name):
                values[name] = _kept_secret(data_dir / "secrets" / name)
        return values

    @model_validator(mode="after")
    def _production_is_explicit(self) -> Settings:
        """Refuse to start a production process on an accidental default."""
        missing = [
            name.upper()
            for name in ("database_url", "valkey_url", "master_key", "jwt_secret_key")
            if not _plain(getattr(self, name))
        ]
        if missing:
            raise ValueError(f"profile {self.profile} needs {', '.join(missing)}")
        try:
            whole = len(self.master_key_bytes) == 32
        except binascii.Error:
            whole = False
        if not whole:
            raise ValueError("MASTER_KEY must be 32 bytes in base64")
        if self.mail_host and self.mail_security == "none" and self.mail_host not in _THIS_MACHINE:
            raise ValueError("MAIL_SECURITY none is for a mail server on this machine only")
        return self

    @property
    def master_key_bytes(self) -> bytes:
        """The 32-byte master key that wraps every tenant's key."""
        return base64.b64decode(self.master_key.get_secret_value())

    @property
    def access_token_lifetime(self) -> timedelta:
        """How long an access token is accepted."""
        return timedelta(minutes=self.access_token_minutes)

    @property
    def sample_models_active(self) -> bool:
        """True while the small sample speech model serves, by content: every screen and report must say so."""
        return is_sample_model(model_directory(self.speech_model, self.model_cache))

    @property
    def model_cache(self) -> Path:
        """Where models given by name lie; an operator without internet fills it by hand."""
        return self.model_cache_dir or self.data_dir / "models"

    @property
    def embedded_valkey(self) -> Path | None:
        """The socket of the Valkey that the supervisor runs itself; None when ``valkey_url`` names another."""
        socket = _socket_path(self.data_dir)
        return socket if self.profile != "production" and self.valkey_url == f"unix://{socket}" else None

    @property
    def servers(self) -> dict[str, str]:
        """Every database server by name; the control plane lives on ``primary``."""
        return {PRIMARY_SERVER: self.database_url, **self.database_servers}


def _socket_path(data_dir: Path) -> Path:
    """Where the embedded Valkey listens and keeps its file.

    The system limits such paths to about 100 bytes and Valkey's configuration takes no spaces: a path that does not fit
    moves to the temporary directory. What lies there may be lost at any time without harm.
    """
    path = data_dir / "valkey" / "valkey.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH and not any(c.isspace() for c in str(path)):
        return path
    place = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"weimian-{place}" / "valkey.sock"


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


def _kept_secret(path: Path) -> str:
    """Read a generated secret, making it once (exclusive create, so two processes agree)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    fresh.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    fresh.chmod(0o600)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text().strip()


def load_settings(**overrides: object) -> Settings:
    """Read settings from the environment; keyword arguments win. Raises pydantic.ValidationError."""
    return Settings(**overrides)  # type: ignore[arg-type]
