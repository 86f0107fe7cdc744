"""The alerts of docs/health.md, as Prometheus' own tool evaluates them."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import prometheus

DOCUMENT = Path(__file__).parents[2] / "docs" / "health.md"
PLACE = 'fairway_resource="r",name="db",service="shop",environment="dev",team="payments"'


def rules() -> str:
    blocks: list[str] = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    return next(block for block in blocks if block.startswith("groups:"))


def told(course: dict[str, str], replica: str) -> list[dict[str, str]]:
    """What one replica of Fairway says each 15 s; course: status to values, in promtool's words."""
    objective = {"series": f'fairway_slo_objective_ratio{{{PLACE},instance="{replica}"}}', "values": "0.999x600"}
    return [
        objective,
        *(
            {"series": f'fairway_resource_health{{{PLACE},status="{status}",instance="{replica}"}}', "values": values}
            for status, values in course.items()
        ),
    ]


def firing(folder: Path, course: dict[str, str], at: str, alert: str, fires: bool) -> None:
    """Asserts it. Two replicas tell the same."""
    labels = f'ALERTS{{alertname="{alert}",alertstate="firing",severity="page",{PLACE}}}'
    expected: list[dict[str, Any]] = [{"labels": labels, "value": 1}] if fires else []
    series = [*told(course, "one"), *told(course, "two")]
    question = {"expr": f'ALERTS{{alertname="{alert}"}}', "eval_time": at, "exp_samples": expected}
    test = {"interval": "15s", "input_series": series, "promql_expr_test": [question]}
    (folder / "rules.yml").write_text(rules())
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "15s", "tests": [test]}
    (folder / "test.yml").write_text(yaml.safe_dump(document))
    done = subprocess.run(["promtool", "test", "rules", "test.yml"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


HEALTHY = {"healthy": "1x600", "degraded": "0x600", "failing": "0x600"}
FAILED_LATE = {"healthy": "1x280 0x320", "degraded": "0x600", "failing": "0x280 1x320"}
"""Failing since minute 70."""
FAILED_EARLY = {"healthy": "1x200 0x10 1x390", "degraded": "0x600", "failing": "0x200 1x10 0x390"}
"""Failing from minute 50 for two minutes and a half: 41 times too fast in the hour, and over."""
DEGRADED = {"healthy": "1x200 0x400", "degraded": "0x200 1x400", "failing": "0x600"}
UNKNOWN = {"healthy": "1x200 0x400", "degraded": "0x600", "failing": "0x600"}
"""In no status that is measured, since minute 50."""


@prometheus.needed
@pytest.mark.parametrize(
    ("course", "at", "alert", "fires"),
    [
        (HEALTHY, "75m", "ErrorBudgetBurnsFast", False),
        (FAILED_LATE, "69m", "ErrorBudgetBurnsFast", False),
        (FAILED_LATE, "75m", "ErrorBudgetBurnsFast", True),
        (FAILED_LATE, "75m", "ErrorBudgetBurns", True),
        (FAILED_EARLY, "53m", "ErrorBudgetBurnsFast", True),
        (FAILED_EARLY, "60m", "ErrorBudgetBurnsFast", False),
        (FAILED_EARLY, "60m", "ErrorBudgetBurns", True),
        (DEGRADED, "75m", "ErrorBudgetBurnsFast", False),
        (UNKNOWN, "75m", "ErrorBudgetBurnsFast", False),
    ],
)
def test_the_documented_alerts_fire_as_fairway_judges(
    tmp_path: Path, course: dict[str, str], at: str, alert: str, fires: bool
) -> None:
    firing(tmp_path, course, at, alert, fires)
