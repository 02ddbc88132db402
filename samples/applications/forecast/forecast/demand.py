"""From a table of orders to the demand of each day, and from that to a forecast for each item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

import numpy as np
import pandas as pd

from forecast.smoothing import SEASON, holt_winters

_COLUMNS = ["date", "item", "quantity"]


class DemandError(ValueError):
    """The orders cannot be read."""


@dataclass(frozen=True, slots=True)
class ItemForecast:
    """What one item's demand will be, by day."""

    item: str
    days: list[str]
    demand: list[float]
    method: str


def read_orders(source: str | IO[str]) -> pd.DataFrame:
    """Read orders: one row for each day, one column for each item, quantities summed and gaps filled with nought."""
    try:
        orders = pd.read_csv(source, dtype={"item": "str"}, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise DemandError(f"the orders cannot be read: {error}") from error
    missing = [name for name in _COLUMNS if name not in orders.columns]
    if missing:
        raise DemandError(f"the orders have no column {', '.join(missing)}")
    if orders.empty:
        raise DemandError("there are no orders")
    dates = pd.to_datetime(orders["date"], format="%Y-%m-%d", errors="coerce")
    quantities = pd.to_numeric(orders["quantity"], errors="coerce")
    wrong = dates.isna() | quantities.isna() | ~np.isfinite(quantities) | (quantities < 0) | (orders["item"] == "")
    if wrong.any():
        row = int(np.flatnonzero(wrong.to_numpy())[0])
        raise DemandError(
            f"row {row + 2}: date, item and quantity must be such as 2026-01-31, tea and 3; they are "
            + ", ".join(repr(str(orders[name].iloc[row])) for name in _COLUMNS)
        )
    table = pd.DataFrame({"date": dates, "item": orders["item"], "quantity": quantities.astype("float64")})
    demand = table.pivot_table(index="date", columns="item", values="quantity", aggfunc="sum", fill_value=0.0)
    every_day = pd.date_range(demand.index.min(), demand.index.max(), freq="D")
    return demand.reindex(every_day, fill_value=0.0).sort_index(axis="columns")


def forecast(demand: pd.DataFrame, ahead: int = SEASON) -> list[ItemForecast]:
    """Forecast each item for the days after the last one; nothing is ever ordered less than not at all."""
    first = demand.index[-1] + pd.Timedelta(days=1)
    days = [day.date().isoformat() for day in pd.date_range(first, periods=ahead, freq="D")]
    results = []
    for item in demand.columns:
        series = demand[item].to_numpy(dtype=np.float64)
        if len(series) < 2 * SEASON:
            values, method = np.full(ahead, series.mean()), "mean"
        else:
            values, method = holt_winters(series, ahead).forecast, "holt-winters"
        # Four digits: what is beyond them differs between machines.
        rounded = [max(0.0, round(float(value), 4)) for value in values]
        results.append(ItemForecast(str(item), days, rounded, method))
    return results
