"""What real exporters answer, cut to a part of it."""

POSTGRES = """\
# HELP go_goroutines Number of goroutines that currently exist.
# TYPE go_goroutines gauge
go_goroutines 14
# HELP pg_up Whether the last scrape of metrics from PostgreSQL was able to connect to the server (1 for yes, 0 for no).
# TYPE pg_up gauge
pg_up 1
# HELP pg_settings_max_connections Server Parameter: max_connections
# TYPE pg_settings_max_connections gauge
pg_settings_max_connections{server="127.0.0.1:5432"} 50
# HELP pg_stat_database_numbackends Number of backends currently connected to this database.
# TYPE pg_stat_database_numbackends gauge
pg_stat_database_numbackends{datid="0",datname=""} 0
pg_stat_database_numbackends{datid="16384",datname="app"} 46
pg_stat_database_numbackends{datid="5",datname="postgres"} 2
# HELP pg_stat_database_xact_commit Number of transactions in this database that have been committed
# TYPE pg_stat_database_xact_commit counter
pg_stat_database_xact_commit{datid="16384",datname="app"} 1.2e+03
pg_stat_database_xact_commit{datid="5",datname="postgres"} 100
# HELP pg_database_size_bytes Disk space used by the database
# TYPE pg_database_size_bytes gauge
pg_database_size_bytes{datname="app"} 7.68e+06
pg_database_size_bytes{datname="we\\"ird\\\\name"} NaN
"""

REDIS = """\
# TYPE redis_up gauge
redis_up 1
# TYPE redis_memory_used_bytes gauge
redis_memory_used_bytes 1.048576e+06
# TYPE redis_memory_max_bytes gauge
redis_memory_max_bytes 0
# TYPE redis_commands_processed_total counter
redis_commands_processed_total 412
# TYPE redis_connected_clients gauge
redis_connected_clients 3
"""

NATS_DOWN = """\
# HELP promhttp_metric_handler_requests_total Total number of scrapes by HTTP status code.
# TYPE promhttp_metric_handler_requests_total counter
promhttp_metric_handler_requests_total{code="200"} 11
"""


def web(requests: int, errors: int, buckets: dict[str, int]) -> str:
    """What prometheus-client serves for a counter and a histogram."""
    lines = [
        "# TYPE http_requests_total counter",
        f'http_requests_total{{method="GET",status="200"}} {requests}',
        *([f'http_requests_total{{method="GET",status="500"}} {errors}'] if errors else []),
        "# TYPE http_request_duration_seconds histogram",
        *(f'http_request_duration_seconds_bucket{{le="{le}"}} {count}' for le, count in buckets.items()),
        f"http_request_duration_seconds_count {requests}",
    ]
    return "\n".join(lines) + "\n"
