"""Property paths as Pulumi writes them: `spec.template.spec.containers[0].image`, `metadata.annotations["a.b/c"]`."""

import re
from collections.abc import Sequence
from typing import Any

from fairway_stacks.state.values import Secret

Part = str | int
Path = tuple[Part, ...]
_PART = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\*|\d+)\]|([^.\[\]]+)|\.')
_PLAIN = re.compile(r"[A-Za-z0-9_$-]+\Z")


def parse(text: str) -> Path:
    parts: list[Part] = []
    for quoted, index, name in _PART.findall(text):
        if quoted:
            parts.append(re.sub(r"\\(.)", r"\1", quoted))
        elif index:
            parts.append("*" if index == "*" else int(index))
        elif name:
            parts.append(name)
    return tuple(parts)


def join(path: Sequence[Part]) -> str:
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.match(part):
            text += f".{part}" if text else part
        else:
            text += '["' + part.replace("\\", "\\\\").replace('"', '\\"') + '"]'
    return text


def covers(pattern: Path, path: Path) -> bool:
    """Whether `path` is at or below `pattern`, in which `*` stands for any part."""
    return len(pattern) <= len(path) and all(a in ("*", b) for a, b in zip(pattern, path, strict=False))


def touches(pattern: Path, path: Path) -> bool:
    """Whether one of them lies below the other."""
    return covers(pattern, path[: len(pattern)]) if len(pattern) <= len(path) else covers(pattern[: len(path)], path)


def keep_old(new: Any, old: Any, path: Path) -> Any:
    """`new` with the value at `path` as it is in `old` (absent where it is absent there)."""
    if isinstance(new, Secret):
        return Secret(keep_old(new.value, old, path))
    if isinstance(old, Secret):
        return keep_old(new, old.value, path)
    part, rest = path[0], path[1:]
    if part == "*":
        for each in _children(new, old):
            new = keep_old(new, old, (each, *rest))
        return new
    if isinstance(new, dict) and isinstance(part, str):
        return _keep_key(dict(new), old if isinstance(old, dict) else {}, part, rest)
    if isinstance(new, list) and isinstance(old, list) and isinstance(part, int) and part < min(len(new), len(old)):
        kept = list(new)
        kept[part] = keep_old(new[part], old[part], rest) if rest else old[part]
        return kept
    return new


def _keep_key(new: dict[str, Any], old: dict[str, Any], key: str, rest: Path) -> dict[str, Any]:
    if rest:
        if key in new:
            new[key] = keep_old(new[key], old.get(key), rest)
    elif key in old:
        new[key] = old[key]
    else:
        new.pop(key, None)
    return new


def _children(new: Any, old: Any) -> list[Part]:
    if isinstance(new, dict):
        return sorted({*new, *(old if isinstance(old, dict) else ())})
    return list(range(len(new))) if isinstance(new, list) else []
