"""Health: scraping, short history, and what is wrong with a resource, in words."""

from fairway.health.collector import Collector
from fairway.health.derive import Facts, Health, Reason, Scraping, derive
from fairway.health.history import History, url_of
from fairway.health.prometheus import PrometheusHistory
from fairway.health.series import Histories, Point, Series, charts

__all__ = [
    "Collector",
    "Facts",
    "Health",
    "Histories",
    "History",
    "Point",
    "PrometheusHistory",
    "Reason",
    "Scraping",
    "Series",
    "charts",
    "derive",
    "url_of",
]
