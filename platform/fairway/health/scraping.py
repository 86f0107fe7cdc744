"""One round of scraping: every pod that offers metrics, side by side, each with a deadline of its own."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from fairway.errors import FairwayError
from fairway.health import samples
from fairway.health.samples import BadExposition, Sample
from fairway.kube import Cluster, Clusters

TIMEOUT = 5.0


@dataclass(frozen=True)
class Target:
    """pod: as in Observation.pods, with metrics that are not None."""

    resource_id: str
    cluster_id: str
    namespace: str
    pod: dict[str, Any]
    names: frozenset[str]


@dataclass(frozen=True)
class Scrape:
    """samples, or why there are none."""

    target: Target
    samples: tuple[Sample, ...] = ()
    error: str = ""


def scrape_all(clusters: Clusters, targets: Sequence[Target], pool: ThreadPoolExecutor) -> list[Scrape]:
    """In the order of targets."""
    places = {cluster_id: clusters.get(cluster_id) for cluster_id in {t.cluster_id for t in targets}}
    return list(pool.map(lambda target: scrape(places[target.cluster_id], target), targets))


def scrape(cluster: Cluster, target: Target) -> Scrape:
    pod, at = target.pod, target.pod["metrics"]
    try:
        text = cluster.scrape(target.namespace, pod["name"], at["port"], at["path"], ip=pod["ip"], timeout=TIMEOUT)
        return Scrape(target, samples.parse(text, target.names))
    except FairwayError as error:
        return Scrape(target, error=f"{pod['name']}: {error.detail}"[:300])
    except BadExposition as error:
        return Scrape(target, error=f"{pod['name']}:{at['port']}{at['path']}: {error}"[:300])
