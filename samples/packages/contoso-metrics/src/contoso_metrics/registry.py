"""Counters, gauges and histograms, and their text form (Prometheus' exposition format, version 0.0.4)."""

from __future__ import annotations

import math
import re
import threading
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")

#: Upper bounds in seconds that suit most requests.
DEFAULT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class MetricError(ValueError):
    """A metric was named or used wrongly."""


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _labels(pairs: Sequence[tuple[str, str]]) -> str:
    if not pairs:
        return ""
    written = ",".join('{}="{}"'.format(name, _escape(value).replace('"', r"\"")) for name, value in pairs)
    return f"{{{written}}}"


class _Metric:
    """What all kinds share: a name, a help text, label names, and a lock, as threads count at the same time."""

    kind = "untyped"

    def __init__(self, name: str, help_text: str, labels: Sequence[str]) -> None:
        if not _NAME.fullmatch(name):
            raise MetricError(f"{name!r} is not the name of a metric")
        for label in labels:
            if not _LABEL.fullmatch(label) or label == "le":
                raise MetricError(f"{label!r} is not the name of a label of {name}")
        self.name = name
        self.help_text = help_text
        self.label_names = tuple(labels)
        self._lock = threading.Lock()

    def _key(self, labels: dict[str, str]) -> tuple[str, ...]:
        if set(labels) != set(self.label_names):
            wanted = ", ".join(self.label_names) or "no labels"
            raise MetricError(f"{self.name} wants {wanted}, and got {', '.join(sorted(labels)) or 'none'}")
        return tuple(str(labels[name]) for name in self.label_names)

    def _pairs(self, key: tuple[str, ...]) -> list[tuple[str, str]]:
        return list(zip(self.label_names, key, strict=True))

    def lines(self) -> Iterator[str]:
        raise NotImplementedError


class _Values(_Metric):
    """A number for each combination of labels."""

    def __init__(self, name: str, help_text: str, labels: Sequence[str] = ()) -> None:
        super().__init__(name, help_text, labels)
        self._values: dict[tuple[str, ...], float] = {} if labels else {(): 0.0}

    def value(self, **labels: str) -> float:
        """The number as it stands; 0 where nothing was counted."""
        with self._lock:
            return self._values.get(self._key(labels), 0.0)

    def lines(self) -> Iterator[str]:
        with self._lock:
            values = sorted(self._values.items())
        for key, value in values:
            yield f"{self.name}{_labels(self._pairs(key))} {_number(value)}"


class Counter(_Values):
    """Only goes up."""

    kind = "counter"

    def inc(self, amount: float = 1, **labels: str) -> None:
        """Count ``amount`` more; a negative one raises :class:`MetricError`."""
        if not amount >= 0:
            raise MetricError(f"{self.name} is a counter, and cannot be changed by {amount}")
        key = self._key(labels)
        with self._lock:
            self._values[key] = self._values.get(key, 0.0) + amount


class Gauge(_Values):
    """Goes up and down."""

    kind = "gauge"

    def set(self, value: float, **labels: str) -> None:
        """Put ``value`` in place of what was there."""
        key = self._key(labels)
        with self._lock:
            self._values[key] = float(value)


class Histogram(_Metric):
    """Counts what it observes by size."""

    kind = "histogram"

    def __init__(
        self, name: str, help_text: str, labels: Sequence[str] = (), buckets: Sequence[float] = DEFAULT_BUCKETS
    ) -> None:
        """``buckets`` are upper bounds, rising; one without a bound is added."""
        super().__init__(name, help_text, labels)
        bounds = [float(bound) for bound in buckets if not math.isinf(bound)]
        if not bounds or any(low >= high for low, high in pairwise(bounds)):
            raise MetricError(f"the buckets of {name} must rise")
        self._bounds = (*bounds, math.inf)
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}

    def observe(self, value: float, **labels: str) -> None:
        """Count one value."""
        key = self._key(labels)
        with self._lock:
            counts = self._counts.setdefault(key, [0] * len(self._bounds))
            counts[bisect_left(self._bounds, value)] += 1
            self._sums[key] = self._sums.get(key, 0.0) + value

    def lines(self) -> Iterator[str]:
        with self._lock:
            counted = sorted((key, list(counts), self._sums[key]) for key, counts in self._counts.items())
        for key, counts, total in counted:
            below = 0
            for bound, count in zip(self._bounds, counts, strict=True):
                below += count
                yield f"{self.name}_bucket{_labels([*self._pairs(key), ('le', _number(bound))])} {below}"
            yield f"{self.name}_sum{_labels(self._pairs(key))} {_number(total)}"
            yield f"{self.name}_count{_labels(self._pairs(key))} {below}"


_Kind = TypeVar("_Kind", bound=_Metric)


class Registry:
    """All metrics of a program."""

    def __init__(self) -> None:
        """Start without any."""
        self._metrics: dict[str, _Metric] = {}

    def _add(self, metric: _Kind) -> _Kind:
        if metric.name in self._metrics:
            raise MetricError(f"there is a metric {metric.name} already")
        self._metrics[metric.name] = metric
        return metric

    def counter(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
        """Add a counter; its name ends with ``_total``."""
        if not name.endswith("_total"):
            raise MetricError(f"the name of a counter ends with _total, and {name!r} does not")
        return self._add(Counter(name, help_text, labels))

    def gauge(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
        """Add a gauge."""
        return self._add(Gauge(name, help_text, labels))

    def histogram(
        self, name: str, help_text: str, labels: Sequence[str] = (), buckets: Sequence[float] = DEFAULT_BUCKETS
    ) -> Histogram:
        """Add a histogram."""
        return self._add(Histogram(name, help_text, labels, buckets))

    def text(self) -> str:
        """Give all metrics as Prometheus reads them, sorted by name."""
        lines: list[str] = []
        for name in sorted(self._metrics):
            metric = self._metrics[name]
            lines += [f"# HELP {name} {_escape(metric.help_text)}", f"# TYPE {name} {metric.kind}", *metric.lines()]
        return "".join(f"{line}\n" for line in lines)
