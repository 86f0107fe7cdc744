"""Property values: JSON data, with `Secret` around what must be hidden and `UNKNOWN` for what a preview cannot know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
MASK = "[secret]"

Properties = dict[str, Any]


class _Unknown:
    def __repr__(self) -> str:
        return "<unknown>"

    def __copy__(self) -> "_Unknown":
        return self

    def __deepcopy__(self, memo: Any) -> "_Unknown":
        return self


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that is encrypted in the state and masked wherever people look."""

    value: Any

    def __repr__(self) -> str:
        return MASK

    __hash__ = None  # type: ignore[assignment]


def plain(value: Any) -> Any:
    """In clear text; unknowns stay."""
    return _map(value, lambda secret: plain(secret.value))


def masked(value: Any) -> Any:
    """For people: secrets as `[secret]`, unknowns as their sentinel text."""
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    return _map(value, lambda secret: MASK, masked)


def has_unknown(value: Any) -> bool:
    return value is UNKNOWN or any(has_unknown(part) for part in _parts(value))


def has_secret(value: Any) -> bool:
    return isinstance(value, Secret) or any(has_secret(part) for part in _parts(value))


def mark(value: Any, like: Any) -> Any:
    """`value`, secret at the paths at which `like` is; a list that holds a secret is one secret."""
    if isinstance(like, Secret):
        return value if isinstance(value, Secret) else Secret(value)
    if isinstance(value, dict) and isinstance(like, dict):
        return {key: mark(part, like.get(key)) for key, part in value.items()}
    if isinstance(value, list) and isinstance(like, list) and has_secret(like):
        return Secret(value)
    return value


def wrap(properties: Mapping[str, Any], names: list[str]) -> Properties:
    return {key: Secret(plain(value)) if key in names else value for key, value in properties.items()}


def shape(live: Any, like: Any) -> Any:
    """Of `live`, what `like` mentions. Both in clear text."""
    if isinstance(live, dict) and isinstance(like, dict):
        return {key: shape(live[key], part) for key, part in like.items() if key in live}
    if isinstance(live, list) and isinstance(like, list):
        return [shape(part, like[i]) if i < len(like) else part for i, part in enumerate(live)]
    return live


def _parts(value: Any) -> list[Any]:
    if isinstance(value, Secret):
        return [value.value]
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _map(value: Any, secret: Any, each: Any = None) -> Any:
    each = each or plain
    if isinstance(value, Secret):
        return secret(value)
    if isinstance(value, dict):
        return {key: each(part) for key, part in value.items()}
    if isinstance(value, list):
        return [each(part) for part in value]
    return value
