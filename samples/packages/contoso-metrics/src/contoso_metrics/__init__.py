"""Metrics in Prometheus' text format, and a server for them."""

from contoso_metrics.registry import Counter, Gauge, Histogram, MetricError, Registry
from contoso_metrics.server import MetricsServer, serve

__all__ = ["Counter", "Gauge", "Histogram", "MetricError", "MetricsServer", "Registry", "serve"]
__version__ = "2.1.0"
