"""docs/events tells the truth: generated files are up to date, references lead somewhere, the guide's examples pass."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from shared.cli import publish
from shared.events import asyncapi, schemas, topics
from shared.events.decode import REASONS, Refused, decode_partner
from shared.events.keying import key
from shared.events.reasons import EXPLANATIONS
from shared.events.rejection import Rejection
from shared.rules.yamlfile import parse
from shared.rules.yamlloader import Loader
from shared.runtime import letters
from shared.runtime.records import Letter, Record
from shared.runtime.service import Service
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "events"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
EXAMPLES = [text.encode() for text in re.findall(r"```json\n(.*?)```", README, re.DOTALL)]
ASYNCAPI = ("asyncapi.partners.yaml", "asyncapi.internal.yaml")
SERVICES = ("earn", "tiers", "campaigns", "notify")


def schema(name: str) -> Draft202012Validator:
    document = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document, format_checker=FormatChecker())


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return found


def service(name: str) -> Service:
    built: Service = importlib.import_module(f"services.{name}.app").build(Settings())
    return built


# Generated files


def test_nothing_is_stale() -> None:
    assert schemas.check(FOLDER) == [], "run `make docs`"


def test_check_finds_what_is_stale_missing_or_left_over_and_write_mends_it(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(README)
    (tmp_path / "notes.txt").write_text("not ours")
    schemas.write(tmp_path)
    assert schemas.check(tmp_path) == []
    (tmp_path / "loyalty.signup.v1.schema.json").write_text("{}")
    (tmp_path / "loyalty.gift.v1.schema.json").unlink()
    (tmp_path / "loyalty.teleport.v1.schema.json").write_text("{}")
    (tmp_path / "README.md").write_text(README.replace("| `not_json` |", "| `no_json` |"))
    wrong = [f"loyalty.{noun}.v1.schema.json" for noun in ("gift", "signup", "teleport")] + ["README.md"]
    assert schemas.check(tmp_path) == wrong
    assert schemas.write(tmp_path) == wrong
    assert schemas.check(tmp_path) == []
    assert (tmp_path / "README.md").read_text() == README
    assert (tmp_path / "notes.txt").exists()


def test_a_readme_without_a_place_for_the_table_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Events\n")
    with pytest.raises(ValueError, match="end of reasons"):
        schemas.check(tmp_path)


# The guide


def test_the_guide_has_a_valid_example_of_every_event() -> None:
    seen = set()
    for example in EXAMPLES:
        event = decode_partner(example, "grocer")
        assert not isinstance(event, Refused), (event, example)
        schema(f"{event.type}.schema.json").validate(orjson.loads(example))
        seen.add(f"{event.type}.schema.json")
    assert len(seen) == len(EXAMPLES)
    assert seen == {asyncapi.schema_file(contract) for contract in asyncapi.FLOWS[0].contracts}


def test_every_reason_is_explained() -> None:
    assert tuple(EXPLANATIONS) == REASONS
    assert all(f"| `{reason}` |" in README for reason in REASONS)
    assert all(meaning.endswith(".") and remedy.endswith(".") for meaning, remedy in EXPLANATIONS.values())


def test_the_links_of_the_guide_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (FOLDER / link).exists()] == []


# JSON Schemas


def _broken() -> Iterator[dict[str, Any]]:
    edits: tuple[dict[str, Any], ...] = (
        {"member": {}},
        {"member": {"card": None}},
        {"member": {"reference": "7", "loyalty_number": "7"}},
        {"lines": []},
        {"lines": [{"product": "1", "quantity": 1, "amount": 3.98}]},
        {"lines": [{"product": "1", "quantity": -1, "amount": "3.98"}]},
        {"currency": "usd"},
        {"shop": "1"},
    )
    for edit in edits:
        event = orjson.loads(EXAMPLES[1])
        event["data"] |= edit
        yield event
    for name in ("id", "type", "time", "source", "specversion", "data"):
        yield {key: value for key, value in orjson.loads(EXAMPLES[1]).items() if key != name}


@pytest.mark.parametrize("event", _broken(), ids=str)
def test_what_the_decoder_refuses_the_schema_refuses(event: dict[str, Any]) -> None:
    assert isinstance(decode_partner(orjson.dumps(event), "grocer"), Refused)
    assert not schema("loyalty.purchase.v1.schema.json").is_valid(event)


def test_the_rejection_that_is_sent_fits_its_contract() -> None:
    record = Record("partner.grocer", 2, 17, b"{", timestamp_ms=1_483_228_800_123)
    sent = letters.rejection(Letter(record, Refused("not_json", "not JSON at byte 1"), record.origin), prefix="")
    assert sent is not None
    assert (sent.topic, sent.key) == ("rejections.grocer", "partner.grocer:2:17")
    schema(asyncapi.schema_file(Rejection)).validate(orjson.loads(sent.value))
    said = Rejection.model_validate_json(sent.value)
    assert (said.data.reason, said.data.origin, said.data.event) == ("not_json", record.origin, None)
    assert set(orjson.loads(sent.value)["data"]) == set(type(said.data).model_fields)


def test_the_programmes_fit_the_schema_of_definition_files() -> None:
    files = sorted(ROOT.glob("programs/*/definitions/**/*.yaml"))
    assert files
    for file in files:
        for each in yaml.load_all(file.read_text(encoding="utf-8"), Loader):
            schema(schemas.DEFINITION_FILE).validate(_plain(each))


@pytest.mark.parametrize(
    "then_or_when",
    [
        "then: {}",
        "then: {fixed: 1, again: [base]}",
        "then: {fixed: 0}",
        "then: {fixed: 1}\nwhen: {fact: basket.totl, at_least: 1}",
        "then: {fixed: 1}\nwhen: {fact: basket.total, at_least: 1, at_most: 2}",
        "then: {fixed: 1}\nwhen: {fact: basket.total}",
        "then: {fixed: 1}\nwhen: {all: []}",
        "then: {fixed: 1}\nsurprise: true",
    ],
)
def test_a_definition_that_is_refused_does_not_fit_the_schema(then_or_when: str) -> None:
    text = f"id: x\nkind: earn\neffective: 2017-01-01T00:00:00Z\ntitle: X\n{then_or_when}\n"
    assert parse(text, "x.yaml")[1], "refused"
    assert not schema(schemas.DEFINITION_FILE).is_valid(_plain(yaml.load(text, Loader)))


def _plain(value: Any) -> Any:
    """YAML's values as JSON has them."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else float(value) if isinstance(value, Decimal) else value


# AsyncAPI


@pytest.mark.parametrize("name", ASYNCAPI)
def test_every_reference_resolves(name: str) -> None:
    found = document(name)
    references = list(_references(found))
    assert references
    for reference in references:
        file, _, pointer = reference.partition("#")
        if file:
            assert (FOLDER / file).is_file(), reference
        place: Any = found
        for part in [] if file else pointer.strip("/").split("/"):
            place = place[part]
        assert place, reference


@pytest.mark.parametrize("name", ASYNCAPI)
def test_operations_speak_of_messages_of_their_channel(name: str) -> None:
    found = document(name)
    assert found["asyncapi"] == "3.0.0"
    for operation in found["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = operation["channel"]["$ref"]
        assert all(each["$ref"].startswith(f"{channel}/messages/") for each in operation["messages"])


def test_every_topic_is_there() -> None:
    addresses = {each["address"] for each in document("asyncapi.internal.yaml")["channels"].values()}
    own = {topics.partner_topic("{partner}"), topics.rejections_topic("{partner}")}
    assert addresses == {topic.name for topic in topics.INTERNAL} | own
    assert {each["address"] for each in document("asyncapi.partners.yaml")["channels"].values()} == own


def test_compacted_topics_are_said_to_be() -> None:
    channels = document("asyncapi.internal.yaml")["channels"]
    for topic in topics.INTERNAL:
        policy = channels[topic.name]["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"]
        assert policy == (["compact"] if topic.compacted else ["delete"])


def test_receivers_are_those_that_subscribe() -> None:
    said = {(name, flow.topic) for flow in asyncapi.FLOWS if flow.grouped for name in flow.receivers}
    found = set()
    for each in (subscription for name in SERVICES for subscription in service(name).subscriptions):
        found |= {(each.handler.consumer, topic) for topic in each.topics}
        if each.partners:
            found.add((each.handler.consumer, topics.partner_topic("{partner}")))
    assert said == found


def _references(value: Any) -> Iterator[str]:
    for name, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if name == "$ref":
            yield each
        else:
            yield from _references(each)


# `doublestar publish`, which the guide ends with


def test_publish_reads_one_document_or_many_byte_for_byte() -> None:
    assert [*publish.documents(b"\n\n".join(EXAMPLES))] == [example.strip() for example in EXAMPLES]
    assert [*publish.documents(b"".join(EXAMPLES))] == [example.strip() for example in EXAMPLES]
    assert [*publish.documents(b' {"a": 1} \n\n[2]\n')] == [b'{"a": 1}', b"[2]"]
    assert [*publish.documents(b'{"a":\n{"b": "\xff"}\n')] == [b'{"a":', b'{"b": "\xff"}'], "as they are, for --raw"
    assert [*publish.documents(b" \n")] == []


def test_publish_names_the_document_and_the_fault() -> None:
    assert publish.check(EXAMPLES, "grocer") == []
    [fault] = publish.check([EXAMPLES[0], b"{}"], "grocer")
    assert fault.startswith("document 2: missing_field: type: ")
    assert len(publish.check(EXAMPLES, "baker")) == len(EXAMPLES)


def test_publish_keys_by_who_the_member_is() -> None:
    assert [key(example) for example in EXAMPLES] == [b"7", b"7", b"+84907654321", b"7", b"7"]
    assert key(b'{"data": {"member": {"app": "a-1", "card": "c-1", "reference": null}}}') == b"c-1"
    assert [key(each) for each in (b"{", b"[]", b"{}", b'{"data": {"member": 3}}')] == [None] * 4
