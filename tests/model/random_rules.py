"""Random definitions, members and events, from any `random.Random`: a seeded one, or hypothesis' own that shrinks."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.model.random_conditions import STORES, condition, line_filter

Data = dict[str, Any]
EFFECTIVE = "2017-01-01T00:00:00-05:00"
ROUNDINGS = ("down", "up", "half_up", "half_even")
PERIODS = ("day", "week", "month", "quarter", "year", "ever")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ZONES = ("Asia/Ho_Chi_Minh", "Europe/Berlin", "Pacific/Auckland")
HOURS = ("00:00-12:00", "12:00-24:00", "08:00-20:00", "18:00-06:00")
GROUPS = {"g-add": "additive", "g-best": "best", "g-one": "exclusive", "g-order": "ordered"}


def programme(r: Random) -> Data:
    found: Data = {"id": "shop", "kind": "programme", "effective": EFFECTIVE, "title": "Shop",
                   "time_zone": "America/New_York", "currency": "USD", "wallets": ["stars", "miles"]}  # fmt: skip
    if r.random() < 0.7:
        found["not_eligible"] = 'department == "FUEL"'
    return found


def definitions(r: Random, rules: int) -> list[Data]:
    """A programme, two segments, two campaigns and so many rules; some with a second version from April on."""
    found = [programme(r)]
    found += [{**head(f"seg-{n}", "segment", r), "when": condition(r, 1, 0.8)} for n in range(2)]
    found += [bounded(head(f"camp-{n}", "campaign", r), r, 0.5) for n in range(2)]
    ids = [f"r-{n}" for n in range(rules)]
    r.shuffle(ids)
    hows: dict[str, str] = {}
    for n, id_ in enumerate(ids):
        one = rule(r, id_, ids[:n], hows)
        found.append(one)
        if r.random() < 0.15:
            second = rule(r, id_, ids[:n], {})
            second |= {"on": one["on"], "version": 2, "effective": "2017-04-01T00:00:00-04:00"}
            second.pop("stacking", None)
            found.append(second)
    return found


def head(id_: str, kind: str, r: Random) -> Data:
    late = "2017-03-10T00:00:00-05:00"
    return {"id": id_, "kind": kind, "effective": late if r.random() < 0.1 else EFFECTIVE, "title": id_}


def rule(r: Random, id_: str, others: list[str], hows: dict[str, str]) -> Data:
    found = bounded(head(id_, "earn", r), r, 0.35)
    found["on"] = "signup" if r.random() < 0.05 else "return" if r.random() < 0.04 else "purchase"
    if r.random() < 0.2:
        found["campaign"] = f"camp-{r.randrange(2)}"
    wallets = ["stars", "miles"] if r.random() < 0.2 else ["stars" if r.random() < 0.8 else "miles"]
    found["then"] = [{**effect(r, others), "wallet": wallet} for wallet in wallets]
    if r.random() < 0.45:
        group = r.choice(sorted(GROUPS))
        hows[id_] = GROUPS[group]
        found["stacking"] = {"group": group, "how": GROUPS[group], "priority": r.randrange(3)}
    return found


def bounded(found: Data, r: Random, often: float) -> Data:
    """Schedule, segment, condition, limits and budget, each now and then."""
    if r.random() < 0.4:
        found["schedule"] = schedule(r)
    if r.random() < 0.15:
        found["segment"] = f"seg-{r.randrange(2)}"
    if r.random() < 0.75:
        found["when"] = condition(r, 2)
    limits = {}
    for _ in range(r.randrange(1, 3) if r.random() < often else 0):
        per, period = r.choice(("member", "household", "programme")), r.choice(PERIODS)
        measure, most = ("times", r.randrange(1, 4)) if r.random() < 0.5 else ("points", r.randrange(1, 200))
        limits[per, period, measure] = {"per": per, "period": period, measure: most}
    if limits:
        found["limits"] = list(limits.values())
    if r.random() < often / 3:
        money = {"money": {"amount": f"{r.randrange(1, 900)}.{r.randrange(100):02d}", "currency": "USD"},
                 "cost_per_point": r.choice(("0.01", "0.3", "0.07"))}  # fmt: skip
        found["budget"] = {"points": r.randrange(1, 400)} if r.random() < 0.5 else money
    return found


def schedule(r: Random) -> Data:
    found: Data = {}
    first = r.randrange(1, 8)
    if r.random() < 0.4:
        found["from"] = r.choice((f"2017-0{first}-10", f"2017-0{first}-10T09:30", f"2017-0{first}-10T09:30:00+02:00"))
    if r.random() < 0.4:
        found["until"] = r.choice(("2017-08-02", "2017-08-10T20:15", "2017-08-10T03:00:00Z"))
    if r.random() < 0.5:
        found["weekdays"] = r.sample(DAYS, r.randrange(1, 6))
    if r.random() < 0.3:
        found["hours"] = r.sample(HOURS, r.randrange(1, 3))
    if r.random() < 0.15:
        found["dates"] = [f"2017-0{first}-01..2017-0{first}-28", "2017-06-15", "2017-06-16"]
    if r.random() < 0.3:
        found["time_zone"] = r.choice(ZONES)
    return found


def effect(r: Random, others: list[str]) -> Data:
    """Any shape; multipliers and `again` where there is something to build on."""
    shape = r.randrange(9 if others else 6)
    found: Data
    if shape == 0:
        return {"fixed": r.randrange(1, 60)}
    if shape in (1, 2):
        amount: Data = {"per": r.choice(("1.00", "0.30", "2.50", "7", "0.07")), "give": r.randrange(1, 4)}
        amount |= {"rounding": r.choice(ROUNDINGS), "round": r.choice(("sum", "line"))}
        found = {"per_amount": chosen(r, amount, of=True)}
    elif shape == 3:
        found = {"per_quantity": counted(r, {"per": r.randrange(1, 4), "give": r.randrange(1, 5)})}
    elif shape == 4:
        found = {"per_line": counted(r, {"give": r.randrange(1, 9)})}
    elif shape == 5:
        back = {"percent": r.choice(("2.5", "7", "0.5")), "unit": r.choice(("0.01", "0.03")),
                "rounding": r.choice(ROUNDINGS), "round": r.choice(("sum", "line"))}  # fmt: skip
        found = {"cashback": chosen(r, back, of=True)}
    elif shape == 6:
        found = {"again": r.sample(others, min(len(others), r.randrange(1, 3)))}
    else:
        found = {"multiply": {
            "rules": r.sample(others, min(len(others), r.randrange(1, 4))),
            "by": r.choice(("2", "3", "1.5", "1.2", "2.75")), "on": r.choice(("rounded", "exact")),
            "compounding": r.random() < 0.5, "rounding": r.choice(ROUNDINGS)}}  # fmt: skip
    if r.random() < 0.2:
        found["at_least"] = r.randrange(1, 12)
    if r.random() < 0.2:
        found["at_most"] = r.randrange(12, 40)
    return found


def counted(r: Random, shape: Data) -> Data:
    if r.random() < 0.4:
        shape["of"] = r.choice(("eligible", "all"))
    return chosen(r, shape)


def chosen(r: Random, shape: Data, *, of: bool = False) -> Data:
    if of and r.random() < 0.4:
        shape["of"] = "basket.total"
    if r.random() < 0.35:
        shape["where"] = line_filter(r)
    return shape


def member(r: Random) -> Data:
    """What is known of a member."""
    found: Data = {"attributes": {}, "balance": {}, "lifetime": {}}
    for name, values in (("town", ("city", "land")), ("kids", (0, 2, "2")), ("vip", (True, False))):
        if r.random() < 0.7:
            found["attributes"][name] = r.choice(values)
    if r.random() < 0.7:
        found["birthday"] = r.choice(("1990-03-10", "2000-02-29", "2001-06-15"))
    if r.random() < 0.8:
        found["joined"] = r.choice(("2016-12-30T04:59:00+00:00", "2017-03-01T12:00:00+00:00"))
    if r.random() < 0.6:
        found["household"] = r.choice(("h1", "h2"))
    if r.random() < 0.6:
        found["consents"] = r.sample(("sms", "email"), r.randrange(3))
    found["tags"] = r.sample(("wine-club", "early"), r.randrange(3))
    found["balance"] = {"stars": r.choice((0, 10, 500))}
    found["lifetime"] = {"stars": r.choice((0, 900))}
    found["tiers"] = {"ladder": r.choice(("gold", "green"))} if r.random() < 0.6 else {}
    found["referrals"] = r.randrange(4)
    return found


def event(r: Random, n: int) -> Data:
    """An event between February and August; days come again, so that periods fill up."""
    kind = "purchase" if r.random() < 0.88 else r.choice(("signup", "return"))
    month, day = r.randrange(2, 9), r.choice((1, 2, 3, 4, 10, 11, 15, 20, 27, 28, 28, 29))
    day = min(day, 28) if month == 2 else day
    time = f"2017-{month:02d}-{day:02d}T{r.randrange(24):02d}:{r.choice(('00', '29', '30', '59'))}:00"
    data: Data = {}
    for name, values in (("store", STORES), ("channel", ("online", "shop")), ("payment", ("card", "cash"))):
        if r.random() < 0.8:
            data[name] = r.choice(values)
    if r.random() < 0.6:
        data["attributes"] = {"coupon": r.choice(("X1", 1, True)), "stamps": r.randrange(4)}
    if kind == "purchase":
        data["currency"] = "USD" if r.random() < 0.93 else "VND"
        data["lines"] = [line(r) for _ in range(r.randrange(1, 5))]
    source = f"/partners/{r.choice(('grocer', 'petrol', 'cinema'))}"
    return {"id": f"e-{n}", "source": source, "type": f"loyalty.{kind}.v1",
            "time": time + r.choice(("-05:00", "-04:00", "+07:00", "+00:00")), "data": data}  # fmt: skip


def line(r: Random) -> Data:
    cents = r.choice((0, r.randrange(100), r.randrange(5_000), 250, 1_000))
    found: Data = {"product": r.choice("pqrs"), "quantity": r.choice((0, 1, 1, 2, 3, 7)),
                   "amount": f"{cents // 100}.{cents % 100:02d}"}  # fmt: skip
    for name, values in (("department", ("DELI", "FUEL", "PRODUCE")), ("category", ("wine", "tea")),
                         ("brand", ("Acme", "Best"))):  # fmt: skip
        if r.random() < 0.7:
            found[name] = r.choice(values)
    if r.random() < 0.2:
        found["attributes"] = {"organic": r.random() < 0.5}
    return found
