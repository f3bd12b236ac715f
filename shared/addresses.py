"""Addresses of servers, as people set and see them: what is wrong with one is told before anybody connects."""

from __future__ import annotations

import re
import warnings
from typing import Final

_PORT: Final = re.compile(r"[0-9]{1,5}")
_MOST: Final = 65535
_SRV: Final = "mongodb+srv://"


def kafka_fault(text: str) -> str | None:
    """What is wrong with a list of bootstrap servers, and what to write; None where nothing is."""
    for each in text.split(","):
        fault = _pair_fault(each.strip())
        if fault is not None:
            return f"{fault}; write host:port, or several with commas between them, such as 127.0.0.1:9092"
    return None


def mongo_fault(url: str) -> str | None:
    """The same for a MongoDB URL. The answer quotes nothing of it: it may hold a password, also where none belongs."""
    fault = _url_fault(url)
    if fault is None:
        return None
    return f"{fault}; write a URL such as mongodb://127.0.0.1:27017/?replicaSet=rs0"


def shown(url: str) -> str:
    """Hosts and ports alone, for people: without a password, a database and options."""
    return re.sub(r"^.*?://([^/]*@)?|[/?].*$", "", url)


def _pair_fault(text: str) -> str | None:
    host, colon, port = text.rpartition(":")
    if not text:
        return "one address is empty"
    if not colon or text.endswith("]"):
        return f"{text} names no port"
    if re.fullmatch(r"\[[^\s/@]+\]|[^\s/@:]+", host) is None:
        return "one address has no host before its port, or more than that"
    if not (_PORT.fullmatch(port) and 0 < int(port) <= _MOST):
        return f"the port of {text} is no number from 1 to {_MOST}"
    return None


def _url_fault(url: str) -> str | None:
    if url.startswith(_SRV):  # to parse the rest would ask a name server
        one = re.match(r"([^/@]*@)?[^/@?:,\s]+([/?]|$)", url.removeprefix(_SRV))
        return None if one else "mongodb+srv:// is followed by one host without a port"
    from pymongo.errors import PyMongoError
    from pymongo.uri_parser import parse_uri

    try:
        with warnings.catch_warnings(action="ignore"):
            hosts = parse_uri(url, warn=True)["nodelist"]
    except (PyMongoError, ValueError) as error:
        return re.split(r'"|\. Hint|, use urllib', str(error))[0].rstrip(" .")
    return None if all(host and not re.search(r"\s", host) for host, _ in hosts) else "it names no host"
