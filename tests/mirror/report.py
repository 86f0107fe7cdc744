"""The agreement as docs/mirror.md tells it."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.mirror import golden
from tests.mirror.comparing import Agreement

PAGE = Path(__file__).parents[2] / "docs" / "mirror.md"
START, END = "<!-- made by python -m tests.mirror report -->", "<!-- until here -->"


def text(found: Iterable[Agreement], known: Mapping[str, Mapping[str, str]]) -> str:
    """The table, and every known difference with its reason."""
    rows = list(found)
    lines = [
        f"Golden answers: Kubernetes {golden.version()}.",
        "",
        "| Group | Answers that agree | Single values that agree |",
    ]
    lines.append("|---|---|---|")
    lines += [f"| {one.group} | {one.agreed} of {one.asked} | {100 * one.fields:.1f} % |" for one in rows]
    agreed, asked = sum(one.agreed for one in rows), sum(one.asked for one in rows)
    lines += [
        f"| all | {agreed} of {asked} ({100 * agreed / asked:.0f} %) | |",
        "",
        "| Group | Question | Why they differ |",
    ]
    lines.append("|---|---|---|")
    lines += [f"| {group} | {title} | {why} |" for group, titles in known.items() for title, why in titles.items()]
    return "\n".join(lines)


def write(report: str) -> None:
    before, _, rest = PAGE.read_text().partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{START}\n{report}\n{END}{after}")


def told() -> dict[str, tuple[int, int]]:
    """Group -> answers that agree, of how many, as the page has them."""
    rows = re.findall(r"^\| (\w+) \| (\d+) of (\d+) \|", PAGE.read_text(), re.MULTILINE)
    return {group: (int(agreed), int(asked)) for group, agreed, asked in rows}


def reasons() -> set[tuple[str, str]]:
    """Group and question of every difference on the page."""
    return set(re.findall(r"^\| (\w+) \| ([^|]+) \| [^|]+\. \|$", PAGE.read_text(), re.MULTILINE))
