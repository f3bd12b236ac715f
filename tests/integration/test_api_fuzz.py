"""The API asked at random, from its own document, by Schemathesis: no 5xx, every answer as documented."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.access.roles import OF_A_PARTNER, Role
from shared.ledger import lots
from tests.integration.apikit import Api
from tests.integration.test_api_denials import OPERATIONS

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,missing_required_header,negative_data_rejection"
)


# Which key asks for which operations; together all of them (`test_api_denials` has a table of all). Each group has a
# member of its own: what closes accounts must not take them from the others.
GROUPS = (
    (
        Role.till,
        ("find_member", "read_balance", "read_history", "explain_entry", "quote", "hold", "capture", "release", "undo",
         "report_return", "send_events", "ask_event", "list_vouchers", "redeem_voucher", "undo_voucher"),
    ),
    (
        Role.back_office,
        ("adjust", "transfer", "list_dead_letters", "show_dead_letter", "replay_dead_letters", "read_statement",
         "read_liability", "list_packs", "book_pack"),
    ),
    (Role.back_office, ("merge_members", "unmerge_member", "close_account")),
    (Role.back_office, ("erase_member", "read_erasure", "list_approvals", "show_approval", "approve", "refuse")),
    (Role.auditor, ("read_audit",)),
)  # fmt: skip
# A body may be too long before it is anything else. What is asked about is there, or all would be 404.
CONFIG = """
[parameters]
"path.member" = "{member}"
"path.voucher" = "{voucher}"
"path.approval" = "{approval}"
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 409, 413, 415, 422]
"""


async def test_whatever_is_asked_is_answered_as_the_document_says(shop: Api, tmp_path: Path) -> None:
    """Breaks with any 5xx, any answer that the document does not have, and any request taken that it forbids."""
    assert {each for _, some in GROUPS for each in some} == set(OPERATIONS)
    members = [await shop.member(1_000) for _ in GROUPS]
    asked = zip(GROUPS, members, strict=True)
    for member in members:
        voucher, approval = await shop.voucher(member, percent_off="10"), await waiting(shop, member)
        (tmp_path / member).mkdir()
        (tmp_path / member / "schemathesis.toml").write_text(
            CONFIG.format(member=member, voucher=voucher, approval=approval)
        )
    ends = await asyncio.gather(*(fuzzed(shop, *group, tmp_path / member) for group, member in asked))
    for code, said in ends:
        assert code == 0, said[-6_000:]
    for member in members:
        document = await shop.document(member)
        assert lots.accounted(document).get("stars", 0) == document["balances"]["stars"], (
            "the books are as they should be"
        )


async def waiting(shop: Api, member: str) -> str:
    """Something that waits for a second person: it may be approved, once."""
    office = await shop.asker(Role.back_office)
    said = {"member": member, "wallet": "stars", "points": 5_001, "reason": "counted wrongly"}
    answer = await office.post("/adjustments", said, Person="staff-8")
    assert answer.status_code == 202, answer.text
    return str(answer.json()["approval"])


async def fuzzed(shop: Api, role: Role, operations: Sequence[str], folder: Path) -> tuple[int | None, str]:
    """Exit code and words of Schemathesis, with a key of this role."""
    asker = await shop.asker(role, "fuzzed" if role in OF_A_PARTNER else None)
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "run", f"{shop.http.base_url}/openapi.json",
        "--header", f"Authorization: Bearer {asker.token}", "--header", "Person: staff-7", "--checks", CHECKS,
        "--phases", "coverage,fuzzing", "--max-examples", "10", "--seed", "2026", "--no-shrink", "--max-time", "20",
        "--generation-database", "none", "--no-color", "--max-failures", "3", "--warnings", "off",
        *(word for each in operations for word in ("--include-operation-id", each)),
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()
