"""Health: scraping, short history, and what is wrong with a resource, in words."""

from fairway.db.database import naming
from fairway.health.collector import Collector
from fairway.health.derive import Facts, Health, Reason, Scraping, derive
from fairway.health.history import History, url_of
from fairway.health.series import Histories, Point, Series, charts
from fairway.settings import Settings

__all__ = [
    "Collector",
    "Facts",
    "Health",
    "Histories",
    "History",
    "Point",
    "Reason",
    "Scraping",
    "Series",
    "charts",
    "derive",
    "open_history",
    "url_of",
]


def open_history(settings: Settings) -> Histories:
    """A Prometheus where one is named, else Fairway's own."""
    if settings.prometheus_url:
        from fairway.health.prometheus import PrometheusHistory  # httpx takes 8 MiB

        return PrometheusHistory(settings.prometheus_url)
    with naming("FAIRWAY_METRICS_DATABASE_URL"):
        return History(url_of(settings), settings.scrape_interval)
