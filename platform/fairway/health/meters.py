"""Fairway's own counters, in a registry of their own."""

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, PlatformCollector, ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

SCRAPES = Counter("fairway_scrapes", "Scrapes of resources' exporters, by outcome", ["outcome"], registry=REGISTRY)
ROUND_SECONDS = Histogram(
    "fairway_collector_round_seconds",
    "How long a round of the collector took",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
