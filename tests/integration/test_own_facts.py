"""A signup whose attributes are called as the product's own facts are, through the services on a real database."""

from __future__ import annotations

from shared.ops.why import about_rule, explanation
from shared.runtime.mongo import connect
from shared.runtime.service import database_name
from shared.runtime.store import DEAD_LETTERS
from shared.settings import Settings
from tests.integration.flow import Flow, event, purchase


async def test_attributes_of_any_name_stop_nothing(settings: Settings) -> None:
    """Mechanism: `attribute_fact`. Every purchase of such a member became a dead letter, and `why` ended in a
    traceback; 5.00 are 5 stars, which both tell."""
    client = connect(settings.mongo_url())
    flow = await Flow(settings, client).start()
    posing = {"profile.birthday": "soon", "profile.consents": 5, "profile.household": "h", "tier.star-ladder": "gold"}
    flow.send(
        event("signup", "signup-900", "2017-01-01T00:00:00-05:00", attributes=posing),
        purchase("basket-1", "2017-01-05T12:00:00-05:00", ("gum", "GROCERY", "5.00")),
    )
    await flow.rest()
    earn = client[database_name("earn", settings)]
    assert await earn[DEAD_LETTERS].count_documents({}) == 0
    member = await earn["members"].find_one({"joined": {"$ne": None}})
    assert member is not None
    assert {name: each[2] for name, each in member["known"].items()} == {
        f" {name}": value for name, value in posing.items()
    }
    assert (member["balances"], "household" in member) == ({"stars": 30}, False)
    told = await explanation(settings, "grocer:900", "basket-1")
    assert {each.rule: each.points for each in told.rulings if each.verdict == "applies"} == {"base": 5}
    assert (await about_rule(settings, "grocer:900", "base")).rule == "base"
    await client.close()
