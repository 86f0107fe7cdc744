"""An independent look at recovery: `python -m tests.real.watcher KUBECONFIG NAMESPACE LABELS`.

A process of its own with a watch of its own. It writes a line of JSON for each change of a pod: when it was seen
(seconds since the epoch), its uid, whether it is being deleted, whether it is ready.
"""

import json
import sys
import time
from pathlib import Path

from fairway.kube import Cluster, kinds
from fairway.kube.kubeconfig import load
from fairway.kube.transport import Transport


def main() -> None:
    kubeconfig, namespace, labels = sys.argv[1:]
    cluster = Cluster("watched", Transport(load(Path(kubeconfig))))
    listing = cluster.list(kinds.POD, namespace, labels)
    print("watching", flush=True)
    with cluster.watch(kinds.POD, namespace, labels, listing.resource_version, seconds=3600) as changes:
        for change in changes:
            seen, pod = time.time(), change.object
            if change.type == "BOOKMARK":
                continue
            conditions = pod.get("status", {}).get("conditions", ())
            ready = any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
            told = {"at": seen, "uid": pod["metadata"]["uid"], "ready": ready}
            gone = change.type == "DELETED" or "deletionTimestamp" in pod["metadata"]
            print(json.dumps({**told, "deleted": gone}), flush=True)


if __name__ == "__main__":
    main()
