"""The command line: orders in, a forecast out."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict

from contoso_events import Event
from tabulate import tabulate

from forecast.demand import DemandError, ItemForecast, forecast, read_orders

log = logging.getLogger("forecast")


def _table(results: Sequence[ItemForecast]) -> str:
    rows = [[day, *(result.demand[n] for result in results)] for n, day in enumerate(results[0].days)]
    return str(tabulate(rows, headers=["day", *(result.item for result in results)], floatfmt=".1f"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Give 0, or 2 for orders that cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m forecast", description="Forecasts the demand of the next week.")
    parser.add_argument("orders", help="CSV with the columns date, item and quantity; - reads standard input")
    parser.add_argument("--table", action="store_true", help="print a table to read, and no JSON")
    options = parser.parse_args(arguments)
    level = logging.getLevelNamesMapping().get(os.environ.get("LOG_LEVEL", "warning").upper(), logging.WARNING)
    logging.basicConfig(level=level, format="%(levelname)s %(message)s", stream=sys.stderr)
    try:
        demand = read_orders(sys.stdin if options.orders == "-" else options.orders)
    except DemandError as error:
        print(f"forecast: {options.orders}: {error}", file=sys.stderr)
        return 2
    log.info("read %s days of %s items", *demand.shape)
    results = forecast(demand)
    if options.table:
        print(_table(results))
    else:
        last_day = demand.index[-1].date().isoformat()
        print(Event.new("demand.forecast", last_day, {"items": [asdict(result) for result in results]}).to_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())
