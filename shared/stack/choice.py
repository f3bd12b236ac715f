"""Which Kafka runs on this machine, and why: decided from what is found, without touching anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .process import StackError

Wanted = Literal["auto", "apache", "noida"]
OLDEST_JAVA = 17


@dataclass(frozen=True)
class Found:
    """What this machine offers: the major version of `java`, Maven, and Kafka's jars from an earlier run."""

    java: int | None = None
    maven: bool = False
    jars: bool = False


@dataclass(frozen=True)
class Choice:
    """The kind of Kafka, and the reason where it is the lesser one."""

    kind: Literal["apache", "noida"]
    why: str = ""


def choose(wanted: Wanted, found: Found) -> Choice:
    """Apache Kafka where it can run, unless the stand-in is asked for."""
    if wanted == "noida":
        return Choice("noida", "asked for")
    lacking = _lacking(found)
    if lacking is None:
        return Choice("apache")
    if wanted == "auto":
        return Choice("noida", lacking)
    raise StackError(
        f"Apache Kafka cannot run here: {lacking}. Install Java {OLDEST_JAVA} or newer and Maven "
        "(Debian, Ubuntu: `apt-get install openjdk-17-jre-headless maven`), or take the stand-in: --kafka noida"
    )


def _lacking(found: Found) -> str | None:
    if found.java is None:
        return f"no Java {OLDEST_JAVA} or newer"
    if found.java < OLDEST_JAVA:
        return f"Java {found.java} is too old, {OLDEST_JAVA} or newer needed"
    if not (found.maven or found.jars):
        return f"Java {found.java}, but no Maven to fetch Kafka with"
    return None
