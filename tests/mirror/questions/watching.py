"""Watches: what is told, in which order, and how one ends."""

import json
import threading
import time
from typing import Any

from tests.mirror.asking import CORE, MERGE, TABLE, Asker
from tests.mirror.questions.objects import config_map

MAPS = f"{CORE}/configmaps"
LIST = "watch=1&labelSelector=t%3Dw&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"


def questions(asker: Asker) -> None:
    asker.make(MAPS, config_map("w1", labels={"t": "w"}, data={"a": "1"}))
    changes = threading.Thread(target=_changes, args=(asker,))
    changes.start()
    found = asker.call("GET", f"{MAPS}?{LIST}&timeoutSeconds=4").text
    changes.join()
    asker.note("a streaming list, then what happens", _events(found))
    version = asker.get(MAPS)["metadata"]["resourceVersion"]
    asker.call("PATCH", f"{MAPS}/w1", {"data": {"a": "9"}}, MERGE)
    later = asker.call("GET", f"{MAPS}?watch=1&resourceVersion={version}&timeoutSeconds=1").text
    asker.note("from a version on", _events(later))
    one = "watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dw1"
    now = asker.call("GET", f"{MAPS}?{one}").text
    asker.note("from now on", _events(now))
    asker.ask("422 initial events without a match", "GET", f"{MAPS}?watch=1&sendInitialEvents=true&timeoutSeconds=1")
    asker.ask("as a table", "GET", f"{MAPS}?{one}", accept=TABLE, only=_table)


def _changes(asker: Asker) -> None:
    time.sleep(1)
    asker.make(MAPS, config_map("w2", labels={"t": "w"}))
    asker.call("PATCH", f"{MAPS}/w2", {"data": {"x": "y"}}, MERGE)
    asker.call("PATCH", f"{MAPS}/w1", {"metadata": {"labels": {"t": None}}}, MERGE)
    asker.call("DELETE", f"{MAPS}/w2")


def _events(text: str) -> list[dict[str, Any]]:
    """Without the bookmarks that a server sends whenever it likes; the one that ends a list says so."""
    told = [_event(line) for line in text.splitlines()]
    return [event for event in told if event["type"] != "BOOKMARK" or event["annotations"]]


def _event(line: str) -> dict[str, Any]:
    event = json.loads(line)
    metadata = event["object"]["metadata"]
    told = {"type": event["type"], "name": metadata.get("name"), "data": event["object"].get("data")}
    return told if event["type"] != "BOOKMARK" else {"type": "BOOKMARK", "annotations": metadata.get("annotations")}


def _table(found: Any) -> Any:
    rows = found["object"]["rows"]
    return {"type": found["type"], "kind": found["object"]["kind"], "cells": [row["cells"][:2] for row in rows]}
