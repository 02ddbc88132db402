"""An invoice as a page of HTML."""

from __future__ import annotations

from typing import Any, TypeGuard

from jinja2 import Environment, StrictUndefined

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Invoice {{ number }}</title></head>
<body>
<h1>Invoice {{ number }}</h1>
<p>{{ customer }}</p>
<table>
{%- for line in lines %}
<tr><td>{{ line.quantity }} x {{ line.item }}</td><td>{{ line.total | money }}</td></tr>
{%- endfor %}
<tr><th>Total</th><th>{{ total | money }}</th></tr>
</table>
</body>
</html>
"""


class InvoiceError(ValueError):
    """What was sent is no invoice."""


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _page() -> Any:
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    environment.filters["money"] = _money
    return environment.from_string(_PAGE)


_TEMPLATE = _page()


def render(document: Any) -> str:
    """Give the page of an invoice; raises :class:`InvoiceError` for what is none."""
    if not isinstance(document, dict):
        raise InvoiceError("an invoice is an object")
    number, customer, lines = (document.get(name) for name in ("number", "customer", "lines"))
    if not _whole(number) or not isinstance(customer, str) or customer == "":
        raise InvoiceError("an invoice has a number and a customer")
    if not isinstance(lines, list) or not lines:
        raise InvoiceError("an invoice has lines")
    priced = [_line(line) for line in lines]
    total = sum(line["total"] for line in priced)
    return str(_TEMPLATE.render(number=number, customer=customer, lines=priced, total=total))


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _line(line: Any) -> dict[str, Any]:
    if not isinstance(line, dict) or not isinstance(line.get("item"), str):
        raise InvoiceError("a line has an item")
    quantity: object = line.get("quantity")
    cents: object = line.get("cents")
    if not _whole(quantity) or not _whole(cents):
        raise InvoiceError("quantity and cents of a line are whole numbers")
    return {"item": line["item"], "quantity": quantity, "total": quantity * cents}
