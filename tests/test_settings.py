"""Settings fail at start, with the variable's name and a value that works."""

from pathlib import Path

import pytest

from fairway.settings import BadSetting, load


def test_the_cli_is_chosen_by_itself_only_for_a_cluster_of_ones_own(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "config"
    kubeconfig.touch()
    assert load({}).engine_kind == "embedded"
    assert load({"FAIRWAY_KUBECONFIG": str(kubeconfig)}).engine_kind == "auto"
    assert load({"FAIRWAY_ENGINE": "pulumi"}).engine_kind == "pulumi"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("FAIRWAY_PORT", "80a", "a number from 1 to 65535"),
        ("FAIRWAY_PORT", "70000", "such as 8600"),
        ("FAIRWAY_ENGINE", "terraform", "auto, embedded, pulumi"),
        ("FAIRWAY_ROLE", "boss", "all, web"),
        ("FAIRWAY_DATABASE_URL", "mysql://x", "postgresql://user"),
        ("FAIRWAY_KUBECONFIG", "/no/such/file", "there is no file"),
        ("FAIRWAY_KUBECONFIG", "Bad_Name=/etc/hostname", "is no cluster name"),
        ("FAIRWAY_PROMETHEUS_URL", "prometheus:9090", "http:// or https://"),
        ("FAIRWAY_SCRAPE_INTERVAL", "soon", "number of seconds"),
        ("FAIRWAY_CATALOG_DIRS", "/no/such/dir", "no directory"),
        ("FAIRWAY_SECRET_KEY_FILE", "/no/such/file", "cannot read"),
        ("FAIRWAY_LOG_LEVEL", "loud", "debug, info"),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, value: str, words: str) -> None:
    with pytest.raises(BadSetting, match=name) as caught:
        load({name: value})
    assert words in str(caught.value)


def test_a_secret_never_shows_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hunter2\n")
    settings = load({"FAIRWAY_SECRET_KEY_FILE": str(tmp_path / "key"), "FAIRWAY_METRICS_TOKEN": "sesame"})
    assert settings.secret_key == "hunter2"
    assert "hunter2" not in repr(settings) and "sesame" not in repr(settings)


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a")
    with pytest.raises(BadSetting, match="both set"):
        load({"FAIRWAY_SECRET_KEY_FILE": str(tmp_path / "key"), "FAIRWAY_SECRET_KEY": "b"})


def test_several_clusters_are_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("{}")
    settings = load({"FAIRWAY_KUBECONFIG": f"east={tmp_path / 'a'}, west={tmp_path / 'b'}"})
    assert list(settings.kubeconfigs) == ["east", "west"]
    assert not settings.sandboxed
    assert list(load({"FAIRWAY_KUBECONFIG": str(tmp_path / "a")}).kubeconfigs) == ["default"]


def test_the_defaults_are_the_embedded_platform(tmp_path: Path) -> None:
    settings = load({"FAIRWAY_DATA_DIR": str(tmp_path)})
    assert settings.sandboxed
    assert settings.database_url == f"sqlite:///{tmp_path / 'fairway.db'}"
    assert settings.url == "http://127.0.0.1:8600"
    shared = load({"FAIRWAY_DATABASE_URL": "postgresql://u:p@h/d"})
    assert (shared.database_url, shared.state_url) == ("postgresql+psycopg://u:p@h/d", "postgres://u:p@h/d")
    own = load({"FAIRWAY_DATABASE_URL": "postgres://u:p@h/d", "FAIRWAY_STATE_URL": "file:///var/state"})
    assert (own.database_url, own.state_url) == ("postgresql+psycopg://u:p@h/d", "file:///var/state")


def test_a_data_directory_that_cannot_be_made_names_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/fairway")):
        with pytest.raises(BadSetting, match="FAIRWAY_DATA_DIR: "):
            load({"FAIRWAY_DATA_DIR": str(place)}).make_data_dir()
