"""Reading a foreign document field by field, collecting every problem with its pointer."""

import difflib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from fairway_chaos.errors import Problem

Choice = TypeVar("Choice", bound=StrEnum)


class Fields:
    """One mapping of a document. Whatever was not asked for is a problem when `end` is called."""

    def __init__(self, document: Any, pointer: str, problems: list[Problem]) -> None:
        self.pointer = pointer
        self.problems = problems
        self._asked: set[str] = set()
        self._values: Mapping[str, Any] = {}
        if isinstance(document, Mapping):
            self._values = {str(name): value for name, value in document.items()}
        elif document is not None:
            self.wrong("", f"{type(document).__name__} where a mapping of fields is expected")

    def wrong(self, name: str, detail: str) -> None:
        self.problems.append(Problem(f"{self.pointer}/{name}" if name else self.pointer or "/", detail))

    def has(self, name: str) -> bool:
        self._asked.add(name)
        return self._values.get(name) is not None

    def raw(self, name: str) -> Any:
        self._asked.add(name)
        return self._values.get(name)

    def text(self, name: str, default: str = "", longest: int = 500) -> str:
        value = self.raw(name)
        if value is None:
            return default
        if not isinstance(value, str) or len(value) > longest:
            self.wrong(name, f"{name} is a text of up to {longest} characters")
            return default
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.wrong(name, f"{name} is true or false")
        return default

    def choice(self, name: str, default: Choice) -> Choice:
        value = self.raw(name)
        if value is None:
            return default
        try:
            return type(default)(value)
        except ValueError:
            self.wrong(name, f"{value!r} is none of {', '.join(type(default))}")
            return default

    def number(self, name: str, default: float, low: float, high: float) -> float:
        found = self.optional_number(name, low, high)
        return default if found is None else found

    def optional_number(self, name: str, low: float, high: float) -> float | None:
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.wrong(name, f"{value!r} is not a number from {low:g} to {high:g}")
            return None
        return float(value)

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        found = self.optional_whole(name, low, high)
        return default if found is None else found

    def optional_whole(self, name: str, low: int, high: int) -> int | None:
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(name, f"{value!r} is not a whole number from {low} to {high}")
            return None
        return value

    def items(self, name: str) -> list[Any]:
        value = self.raw(name)
        if value is None:
            return []
        if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
            self.wrong(name, f"{name} is a list")
            return []
        return list(value)

    def inner(self, name: str) -> "Fields":
        return Fields(self.raw(name), f"{self.pointer}/{name}", self.problems)

    def end(self) -> None:
        for name in self._values:
            if name not in self._asked:
                near = difflib.get_close_matches(name, self._asked, 1)
                meant = f"; {near[0]} was meant?" if near else f"; there are {', '.join(sorted(self._asked))}"
                self.wrong(name, f"There is no field {name}{meant}")
