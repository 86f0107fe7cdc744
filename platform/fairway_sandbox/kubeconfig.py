"""The kubeconfig: complete by itself, so that it can be handed on as text."""

import base64
import json

from fairway_sandbox.certificates import Keys

NAME = "sandbox"


def kubeconfig(url: str, keys: Keys) -> str:
    authority = base64.b64encode(keys.authority.read_bytes()).decode()
    cluster = {"server": url, "certificate-authority-data": authority}
    context = {"cluster": NAME, "user": NAME, "namespace": "default"}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": NAME,
        "clusters": [{"name": NAME, "cluster": cluster}],
        "users": [{"name": NAME, "user": {"token": keys.token}}],
        "contexts": [{"name": NAME, "context": context}],
    }
    return json.dumps(document, indent=2) + "\n"
