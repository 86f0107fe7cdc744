"""Measured figures, and how they are told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """goal: as the table says it; reached: whether a value meets it."""

    name: str
    value: float
    unit: str
    goal: str = ""
    reached: Callable[[float], bool] = field(default=lambda value: True)

    @property
    def holds(self) -> bool:
        return self.reached(self.value)


def table(figures: Sequence[Figure]) -> str:
    """Markdown."""
    lines = ["| What | Measured | Goal | |", "|---|---:|---:|---|"]
    for figure in figures:
        goal = f"< {figure.goal} {figure.unit}" if figure.goal else ""
        mark = ("met" if figure.holds else "missed") if figure.goal else ""
        lines.append(f"| {figure.name} | {figure.value:.3g} {figure.unit} | {goal} | {mark} |")
    return "\n".join(lines)
