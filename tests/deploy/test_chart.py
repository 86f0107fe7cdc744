"""The Helm chart: what it refuses, and that what it renders fits the server."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import fairway
from fairway import settings

CHART = Path(__file__).parents[2] / "platform" / "deploy" / "chart"
VERSION = "1.34.0"
needs_helm = pytest.mark.skipif(shutil.which("helm") is None, reason="needs helm on the PATH; `make real` builds it")


def helm(*words: str, values: dict[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
    command = ["helm", *words, str(CHART), "--values", "-"]
    return subprocess.run(command, input=json.dumps(values or {}), capture_output=True, text=True, timeout=60)


def rendered(**values: Any) -> dict[str, Any]:
    """`Kind` -> object; of several of one kind the last."""
    done = helm("template", "fairway", "--namespace", "here", "--kube-version", VERSION, values=values)
    assert done.returncode == 0, done.stderr
    return {document["kind"]: document for document in yaml.safe_load_all(done.stdout) if document}


def test_the_chart_installs_the_version_that_it_comes_with() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["appVersion"] == fairway.__version__


def test_every_setting_that_the_chart_gives_exists() -> None:
    text = (CHART / "templates" / "statefulset.yaml").read_text()
    given = {name.removesuffix("_FILE") for name in re.findall(r"name: (FAIRWAY_[A-Z_]+)", text)}
    known = set(re.findall(r"FAIRWAY_[A-Z_]+", Path(settings.__file__).read_text()))
    assert given and given <= known


@needs_helm
def test_it_is_clean() -> None:
    done = helm("lint", "--strict")
    assert done.returncode == 0, done.stdout + done.stderr


@needs_helm
@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"replicas": 0}, "replicas"),
        ({"replica": 2}, "replica"),
        ({"inCluster": {"enabled": False, "name": "default"}}, "no cluster to provision into"),
        ({"clusters": {"Bad_Name": {"secret": "s"}}}, "Bad_Name"),
        ({"ingress": {"enabled": True, "host": ""}}, "host"),
        ({"settings": {"OTHER": "x"}}, "OTHER"),
        ({"baseUrl": "fairway.example.com"}, "baseUrl"),
    ],
)
def test_what_cannot_work_is_refused_by_name(values: dict[str, Any], word: str) -> None:
    done = helm("template", "fairway", "--kube-version", VERSION, values=values)
    assert done.returncode != 0 and word in done.stderr, done.stderr


@needs_helm
def test_further_clusters_are_mounted_and_named() -> None:
    workload = rendered(clusters={"eu-west": {"secret": "west"}})["StatefulSet"]["spec"]["template"]["spec"]
    (server,) = workload["containers"]
    variables = {variable["name"]: variable["value"] for variable in server["env"]}
    files = dict(part.split("=") for part in variables["FAIRWAY_KUBECONFIG"].split(","))
    assert set(files) == {"default", "eu-west"}
    mounts = {mount["mountPath"] for mount in server["volumeMounts"]}
    assert {str(Path(file).parent) for file in files.values()} <= mounts
    assert any(volume.get("secret", {}).get("secretName") == "west" for volume in workload["volumes"])


@needs_helm
def test_one_replica_has_no_budget_and_its_pod_no_rights_on_the_node() -> None:
    found = rendered(replicas=1)
    assert "PodDisruptionBudget" not in found
    pod = found["StatefulSet"]["spec"]["template"]["spec"]
    container = pod["containers"][0]["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"] and container["readOnlyRootFilesystem"]
    assert container["capabilities"] == {"drop": ["ALL"]} and not container["allowPrivilegeEscalation"]


@needs_helm
def test_no_rule_is_for_everything() -> None:
    rules = rendered()["ClusterRole"]["rules"]
    assert all("*" not in rule[part] for rule in rules for part in ("apiGroups", "resources", "verbs"))
    verbs = {(resource, verb) for rule in rules for resource in rule["resources"] for verb in rule["verbs"]}
    assert ("pods/exec", "create") not in verbs and ("pods", "create") not in verbs
