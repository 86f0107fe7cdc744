"""Clusters as rows: sealed, found by name, made anew when their kubeconfig changes."""

import base64
from pathlib import Path

import pytest
import yaml
from sqlmodel import select

from fairway.db.crypto import load_vault
from fairway.db.database import Database
from fairway.errors import Invalid, NotFound
from fairway.kube import Clusters, kubeconfig, register
from fairway.models import Cluster
from fairway.settings import load
from tests.kube.fake import TOKEN, Running


@pytest.fixture
def file(tmp_path: Path, fake: Running) -> Path:
    path = tmp_path / "kubeconfig"
    path.write_text(fake.kubeconfig)
    return path


def test_the_settings_clusters_and_the_sandbox_become_sealed_rows(
    database: Database, tmp_path: Path, file: Path
) -> None:
    vault = load_vault(tmp_path)
    settings = load({"FAIRWAY_DATA_DIR": str(tmp_path), "FAIRWAY_KUBECONFIG": f"east={file}"})
    with database.write() as session:
        register(session, vault, settings, file)
    with database.read() as session:
        rows = {row.name: row for row in session.exec(select(Cluster))}
    assert {name: (row.sandbox, row.addressing) for name, row in rows.items()} == {
        "east": (False, "dns"),
        "sandbox": (True, "ip"),
    }
    assert TOKEN not in rows["east"].kubeconfig
    assert Clusters(database, vault).get("east").version() == "v1.34.2"
    assert Clusters(database, vault).get(rows["sandbox"].id).sandbox


def test_registering_again_changes_nothing_until_the_kubeconfig_does(
    database: Database, tmp_path: Path, file: Path
) -> None:
    vault, settings = load_vault(tmp_path), load({"FAIRWAY_DATA_DIR": str(tmp_path)})
    clusters = Clusters(database, vault)
    seen = []
    for text in (file.read_text(), file.read_text(), file.read_text().replace(TOKEN, "new")):
        file.write_text(text)
        with database.write() as session:
            register(session, vault, settings, file)
        seen.append(clusters.get("sandbox"))
    assert seen[0] is seen[1]
    assert seen[2] is not seen[0]
    assert "new" in clusters.kubeconfig("sandbox")


def test_an_unknown_cluster_is_not_found(database: Database, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no cluster nowhere"):
        Clusters(database, load_vault(tmp_path)).get("nowhere")


def test_a_kubeconfig_takes_its_files_into_itself(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("CA")
    document = {
        "current-context": "two",
        "contexts": [
            {"name": "one", "context": {"cluster": "x", "user": "x"}},
            {"name": "two", "context": {"cluster": "c", "user": "u"}},
        ],
        "clusters": [{"name": "c", "cluster": {"server": "https://c", "certificate-authority": "ca.crt"}}],
        "users": [{"name": "u", "user": {"tokenFile": "token", "exec": {"command": "./bin/login"}}}],
    }
    alone = yaml.safe_load(kubeconfig.flatten(document, tmp_path))
    assert alone["clusters"][0]["cluster"] == {
        "server": "https://c",
        "certificate-authority-data": base64.b64encode(b"CA").decode(),
    }
    user = alone["users"][0]["user"]
    assert user == {"tokenFile": str(tmp_path / "token"), "exec": {"command": str(tmp_path / "bin/login")}}


@pytest.mark.parametrize("text", ["", "- 1", "contexts: [{name: a, context: {cluster: b}}]", "{"])
def test_a_kubeconfig_that_cannot_work_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad").write_text(text)
    with pytest.raises(Invalid):
        kubeconfig.load(tmp_path / "bad")
