"""Rules for Jobs and CronJobs."""

from collections.abc import Iterator

from fairway_sandbox.admission import words
from fairway_sandbox.admission.templates import pod_spec
from fairway_sandbox.admission.words import Cause, invalid_value
from fairway_sandbox.objects import Json, dig

FIXED = ("completions", "selector", "template", "completionMode")
POLICIES = ("Allow", "Forbid", "Replace")
FIELDS, LONGEST_NAME = 5, 52


def job(obj: Json, old: Json | None) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    yield from _job_spec(spec, "spec")
    for name in FIXED if old else ():
        if spec.get(name) != dig(old, f"spec.{name}"):
            yield f"spec.{name}", invalid_value(spec.get(name), "field is immutable")


def _job_spec(spec: Json, path: str) -> Iterator[Cause]:
    for name in ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"):
        yield from words.not_negative(f"{path}.{name}", spec.get(name))
    inner = dig(spec, "template.spec", {})
    yield from pod_spec(inner, f"{path}.template.spec")
    if inner.get("restartPolicy") not in ("Never", "OnFailure"):
        yield f"{path}.template.spec.restartPolicy", 'Required value: valid values: "OnFailure", "Never"'


def cron_job(obj: Json, old: Json | None) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    if len(obj["metadata"].get("name", "")) > LONGEST_NAME:
        yield "metadata.name", invalid_value(obj["metadata"]["name"], f"must be no more than {LONGEST_NAME} characters")
    yield from _job_spec(dig(spec, "jobTemplate.spec", {}), "spec.jobTemplate.spec")
    schedule = spec.get("schedule")
    if not schedule:
        yield "spec.schedule", "Required value"
    elif not schedule.startswith("@") and len(schedule.split()) != FIELDS:
        found = schedule.split()
        why = f"expected exactly {FIELDS} fields, found {len(found)}: [{' '.join(found)}]"
        yield "spec.schedule", invalid_value(schedule, why)
    yield from words.one_of("spec.concurrencyPolicy", spec.get("concurrencyPolicy"), POLICIES)
