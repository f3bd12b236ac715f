"""Where the servers are and how this process runs: one typed object, from DOUBLESTAR_* and the local stack."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.addresses import kafka_fault, mongo_fault
from shared.rules.engines.names import EngineName

_HOME: Final = ".doublestar"


_ADDRESS: Final = "address"
_FOR_TESTS: Final = ("DOUBLESTAR_TEST_", "DOUBLESTAR_SEEDS")


class NoServersError(RuntimeError):
    """Neither the environment nor a running local stack says where the servers are."""


def found_home() -> Path:
    """`.doublestar` of the checkout that we are in, however deep, so that a subfolder is no other world; nearest first.

    A folder belongs to it that has a `.doublestar` already, or the project's own pyproject.toml. Outside: here.
    """
    here = Path.cwd()
    for each in (here, *here.parents):
        if (each / _HOME).is_dir() or _is_checkout(each):
            return each / _HOME
    return here / _HOME


def _is_checkout(folder: Path) -> bool:
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return bool(project["name"] == "doublestar")
    except (OSError, ValueError, KeyError, TypeError):
        return False  # none, not to be read, or of a project that says less


class Settings(BaseSettings):
    """Read from the environment (`DOUBLESTAR_KAFKA=...`); what is not set has a default that suits one machine."""

    model_config = SettingsConfigDict(env_prefix="DOUBLESTAR_", frozen=True)

    kafka: str | None = Field(
        None, description="Kafka bootstrap servers, host:port[,host:port]; else the local stack's"
    )
    mongo: str | None = Field(None, description="MongoDB URL of a replica set; else the local stack's")
    home: Path = Field(
        default_factory=found_home, description="data, logs and reports of this checkout; else its .doublestar"
    )
    namespace: str = Field(
        "", pattern=r"^([a-z][a-z0-9]{0,15})?$", description="prefix of databases, topics and groups"
    )
    program: str = Field("journey", description="folder under programs/ that campaigns publishes")
    programs: Path = Field(Path(__file__).parent.parent / "programs", description="where the programmes are")
    partitions: int = Field(4, ge=1, le=256, description="partitions of a topic that is created")
    replicas: int = Field(1, ge=1, description="replication factor of a topic that is created")
    engine: EngineName = Field("own", description="who tells which rules' conditions hold: own, or durable")
    batch: int = Field(500, ge=1, le=5000, description="most records in one batch and its transaction")
    outage_s: float = Field(
        60.0, gt=0, description="how long a batch is tried again in an outage before the process exits"
    )
    ahead_h: float = Field(
        24.0, gt=0, description="how many hours a partner's event may be dated later than it came in"
    )
    worker: int = Field(0, ge=0, description="number of this worker among its service's; names its static membership")
    port: int = Field(0, ge=0, le=65535, description="port of health and metrics; 0 takes a free one")
    host: str = Field("127.0.0.1", description="address that health and metrics listen on")
    rate: str = Field("100/second", description="how often one caller may ask one process of the HTTP API")
    log: Literal["json", "text"] = Field("json", description="how logs are written")
    sink: Path | None = Field(
        None, description="folder of delivered e-mails, with one for each namespace in it; else <home>/outbox"
    )

    @field_validator("kafka")
    @classmethod
    def _kafka_can_be_asked(cls, said: str | None) -> str | None:
        return _usable(said, kafka_fault(said) if said else None)

    @field_validator("mongo")
    @classmethod
    def _mongo_can_be_asked(cls, said: str | None) -> str | None:
        return _usable(said, mongo_fault(said) if said else None)

    @field_validator("rate")
    @classmethod
    def _rate_can_be_counted(cls, said: str) -> str:
        if re.fullmatch(r"[1-9][0-9]{0,8}/(second|minute|hour|day)", said) is None:
            raise PydanticCustomError("rate", "write a number, /, and second, minute, hour or day, such as 100/second")
        return said

    @field_validator("home")
    @classmethod
    def _home_is_a_folder(cls, said: Path) -> Path:
        if said.exists() and not said.is_dir():
            raise PydanticCustomError("home", "it is a file; name a folder, which need not be there yet")
        return said

    @property
    def prefix(self) -> str:
        """What namespaced names begin with: `""` or `"<namespace>-"`."""
        return f"{self.namespace}-" if self.namespace else ""

    @property
    def outbox_folder(self) -> Path:
        """Where delivery writes its `.eml` files, by template: a folder of its own for each namespace, as two may have
        members with the same ids."""
        return (self.sink or self.home / "outbox") / self.namespace

    def kafka_url(self) -> str:
        """Bootstrap servers, from the environment or else the running local stack."""
        return self.kafka or self._from_stack("kafka")

    def mongo_url(self) -> str:
        """MongoDB URL, from the environment or else the running local stack."""
        return self.mongo or self._from_stack("mongo")

    def _from_stack(self, server: str) -> str:
        state = self.home / "stack.json"
        try:
            url = json.loads(state.read_text())[server]["url"]
        except (OSError, ValueError, KeyError, TypeError):
            raise NoServersError(
                f"no {server} to talk to: run `doublestar up`, or set DOUBLESTAR_{server.upper()} ({state} names none)"
            ) from None
        return str(url)


def _usable(said: str | None, fault: str | None) -> str | None:
    if fault is not None:
        raise PydanticCustomError(_ADDRESS, "{fault}", {"fault": fault})
    return said


def faults(error: ValidationError) -> list[str]:
    """Settings that cannot be, a line each: the variable, and what to write. An address is not repeated: it may hold a
    password."""
    lines = []
    for each in error.errors(include_url=False):
        name = f"DOUBLESTAR_{'_'.join(str(part) for part in each['loc']).upper()}"
        said = "cannot be used as it is" if each["type"] == _ADDRESS else f"cannot be {each['input']}"
        lines.append(f"{name} {said}: {each['msg']}")
    return lines


def unknown(environment: Mapping[str, str]) -> list[str]:
    """Variables that begin as settings do and are none, a line each: a misspelt one would silently keep its default."""
    known = {name.upper() for name in Settings.model_fields}
    lines = []
    for name in sorted(environment):
        said = name.removeprefix("DOUBLESTAR_")
        if said not in known and said != name and not name.startswith(_FOR_TESTS):
            near = get_close_matches(said, known, n=1)
            meant = f"did you mean DOUBLESTAR_{near[0]}?" if near else "it changes nothing"
            lines.append(f"{name} is no setting; {meant}")
    return lines


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The process's settings; the first call reads them."""
    return Settings()
