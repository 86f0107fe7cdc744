"""Stands in for prometheus-nats-exporter: the same names, read from the real server's monitoring pages."""

import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

from fairway_sandbox.programs.exporting import Sample, serve

VARIABLES = (
    *("mem", "cpu", "cores", "connections", "total_connections", "routes", "remotes", "in_msgs", "out_msgs"),
    *("in_bytes", "out_bytes", "slow_consumers", "subscriptions", "max_connections", "max_payload"),
)
TOTALS = {
    "streams": "jetstream_server_total_streams",
    "consumers": "jetstream_server_total_consumers",
    "messages": "jetstream_server_total_messages",
    "bytes": "jetstream_server_total_message_bytes",
}
STREAM = {"messages": "messages", "bytes": "bytes", "first_seq": "first_seq", "last_seq": "last_seq"}


class Reader:
    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def _get(self, page: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self._url}/{page}", timeout=3) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def collect(self) -> Iterator[Sample]:
        variables = self._get("varz")
        server = {"server_id": str(variables.get("server_id", ""))}
        for name in VARIABLES:
            if name in variables:
                yield Sample(f"gnatsd_varz_{name}", float(variables[name]), server)
        yield Sample("gnatsd_connz_num_connections", float(self._get("connz")["num_connections"]), server)
        jetstream = self._get("jsz?streams=true&accounts=true")
        if jetstream.get("disabled"):
            return
        config = jetstream.get("config") or {}
        yield Sample("jetstream_server_max_memory", float(config.get("max_memory", 0)), server)
        yield Sample("jetstream_server_max_storage", float(config.get("max_storage", 0)), server)
        for source, name in TOTALS.items():
            yield Sample(name, float(jetstream.get(source, 0)), server)
        for account in jetstream.get("account_details") or []:
            for stream in account.get("stream_detail") or []:
                labels = {"stream_name": stream["name"], "account": account["name"], **server}
                for source, name in STREAM.items():
                    yield Sample(f"jetstream_stream_total_{name}", float(stream["state"].get(source, 0)), labels)


if __name__ == "__main__":
    urls = [word for word in sys.argv[1:] if "://" in word]
    reader = Reader(urls[-1] if urls else f"http://{os.environ['POD_IP']}:8222")
    # Not a metric of the exporter's own: whoever reads it sees that the server answered.
    serve("gnatsd_up", lambda: list(reader.collect()))
