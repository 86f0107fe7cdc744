"""References of images, as container runtimes write them out."""

REGISTRY, OFFICIAL = "docker.io", "library"


def full(reference: str) -> str:
    """`busybox:1` as docker.io/library/busybox:1, the name under which a runtime keeps it once it was pulled."""
    host, slash, path = reference.partition("/")
    if not slash:
        host, path = REGISTRY, f"{OFFICIAL}/{reference}"
    elif "." not in host and ":" not in host and host != "localhost":
        host, path = REGISTRY, reference
    tagged = "@" in path or ":" in path.rsplit("/", 1)[-1]
    return f"{host}/{path}" if tagged else f"{host}/{path}:latest"
