"""Templates to text: Jinja in its sandbox, because marketers write them; what a template names must exist."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shared.rules.definition import MessageTemplate

_ENVIRONMENT: Final = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@lru_cache(maxsize=4096)
def _template(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


def render(template: MessageTemplate, language: str, facts: Mapping[str, Any]) -> tuple[str, str, str]:
    """(language used, subject, text). A language that the template does not have falls back to English.

    A subject is one line: line breaks would let a member's name add headers to an e-mail.
    """
    used = language if language in template.texts else "en"
    text = template.texts[used]
    subject = " ".join(_template(text.subject).render(facts).split())
    return used, subject, _template(text.text).render(facts).strip() + "\n"
