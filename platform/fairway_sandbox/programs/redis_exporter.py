"""Stands in for redis_exporter: the same names, read from the real server's INFO."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from fairway_sandbox.programs.exporting import Sample, serve
from fairway_sandbox.programs.redis_client import Redis

GAUGES = {
    "connected_clients": "redis_connected_clients",
    "blocked_clients": "redis_blocked_clients",
    "used_memory": "redis_memory_used_bytes",
    "used_memory_rss": "redis_memory_used_rss_bytes",
    "used_memory_peak": "redis_memory_used_peak_bytes",
    "maxmemory": "redis_memory_max_bytes",
    "maxclients": "redis_config_maxclients",
    "uptime_in_seconds": "redis_uptime_in_seconds",
    "mem_fragmentation_ratio": "redis_mem_fragmentation_ratio",
    "aof_enabled": "redis_aof_enabled",
    "loading": "redis_loading_dump_file",
}
COUNTERS = {
    "total_commands_processed": "redis_commands_processed_total",
    "total_connections_received": "redis_connections_received_total",
    "rejected_connections": "redis_rejected_connections_total",
    "expired_keys": "redis_expired_keys_total",
    "evicted_keys": "redis_evicted_keys_total",
    "keyspace_hits": "redis_keyspace_hits_total",
    "keyspace_misses": "redis_keyspace_misses_total",
    "total_net_input_bytes": "redis_net_input_bytes_total",
    "total_net_output_bytes": "redis_net_output_bytes_total",
}


def information() -> dict[str, str]:
    address = os.environ.get("REDIS_ADDR") or f"redis://{os.environ['POD_IP']}:6379"
    place = urlsplit(address if "://" in address else f"redis://{address}")
    password = os.environ.get("REDIS_PASSWORD") or place.password or ""
    client = Redis(place.hostname or os.environ["POD_IP"], place.port or 6379, password)
    try:
        lines = str(client.ask("INFO", "everything")).splitlines()
    finally:
        client.close()
    return dict(line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))


def collect() -> Iterator[Sample]:
    known = information()
    version = known.get("redis_version", "")
    yield Sample("redis_instance_info", 1, {"redis_version": version, "role": known.get("role", "")})
    for names, kind in ((GAUGES, "gauge"), (COUNTERS, "counter")):
        for source, name in names.items():
            if source in known:
                yield Sample(name, float(known[source]), type=kind)
    for database, text in known.items():
        if database.startswith("db") and text.startswith("keys="):
            figures = dict(part.split("=") for part in text.split(","))
            yield Sample("redis_db_keys", float(figures["keys"]), {"db": database})


if __name__ == "__main__":
    serve("redis_up", lambda: list(collect()))
