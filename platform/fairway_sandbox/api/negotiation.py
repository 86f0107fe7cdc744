"""In which form a caller wants its answer."""

from functools import lru_cache

from fairway_sandbox.errors import ApiError

JSON, YAML = "application/json", "application/yaml"
ANY = ("*/*", "application/*")


@lru_cache(256)
def chosen(accept: str) -> str | None:
    """The first form in an Accept header that is served; None where none is."""
    for clause in accept.split(","):
        form = clause.partition(";")[0].strip()
        if form in ("", JSON, *ANY):
            return JSON
        if form == YAML:
            return YAML
    return None


def require(accept: str) -> None:
    if chosen(accept) is None:
        served = f"Available representations: {JSON}, {YAML}"
        raise ApiError(406, "NotAcceptable", f"406: Not Acceptable\n\n{served}", {})
