"""Lists: selectors, pages, versions."""

from tests.mirror.asking import CORE, Asker
from tests.mirror.questions.objects import config_map


def questions(asker: Asker) -> None:
    maps = f"{CORE}/configmaps"
    for number in range(3):
        asker.make(
            maps, config_map(f"m{number}", labels={"page": "yes", "odd": str(number % 2)}, data={"n": str(number)})
        )
    mine = f"{maps}?labelSelector=page%3Dyes"
    asker.ask("all", "GET", mine)
    asker.ask("by a set", "GET", f"{maps}?labelSelector=odd%20in%20(1)%2Cpage", only=_names)
    asker.ask("by what is not there", "GET", f"{maps}?labelSelector=!page%2Codd", only=_names)
    asker.ask("by a field", "GET", f"{maps}?fieldSelector=metadata.name%3Dm1", only=_names)
    asker.ask("400 field selector", "GET", f"{CORE}/pods?fieldSelector=spec.foo%3Dbar")
    asker.ask("400 label selector", "GET", f"{CORE}/pods?labelSelector=a%20b%20c")
    asker.ask("400 limit", "GET", f"{CORE}/pods?limit=abc")
    asker.ask("400 version", "GET", f"{CORE}/pods?resourceVersion=abc")
    asker.ask("400 continue", "GET", f"{maps}?limit=1&continue=abc")
    asker.ask("504 a version to come", "GET", f"{CORE}/pods?resourceVersion=99999999")
    first = asker.ask("first page", "GET", f"{mine}&limit=2")
    rest = f"{mine}&limit=2&continue={first['metadata']['continue']}"
    asker.ask("last page", "GET", rest)
    asker.ask("metadata alone", "GET", mine, accept="application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")
    asker.ask("400 watch match", "GET", f"{maps}?resourceVersionMatch=Exact")


def _names(found: dict[str, list[dict[str, dict[str, str]]]]) -> list[str]:
    return [item["metadata"]["name"] for item in found["items"]]
