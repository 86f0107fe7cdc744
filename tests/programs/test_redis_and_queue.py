"""What Redis and the queue have of their own."""

import pytest

from tests.programs.stage import PASSWORD, Show, stage


def settings(show: Show) -> dict[str, str]:
    args = show.container()["args"]
    return dict(zip(args[1::2], args[2::2], strict=True))


@pytest.mark.parametrize("policy", ["noeviction", "allkeys-lru", "allkeys-lfu", "volatile-lru", "volatile-ttl"])
def test_redis_does_what_is_wanted_when_its_memory_is_full(policy: str) -> None:
    show = stage("redis", parameters={"maxmemory_policy": policy})
    assert settings(show)["--maxmemory-policy"] == policy


@pytest.mark.parametrize(("plan", "memory"), [("dev", 48), ("small", 384), ("medium", 1536)])
def test_redis_leaves_a_quarter_of_its_memory_free(plan: str, memory: int) -> None:
    assert settings(stage("redis", plan=plan))["--maxmemory"] == str(memory * 2**20)


@pytest.mark.parametrize(("persistence", "word"), [(True, "yes"), (False, "no")])
def test_redis_logs_its_writes_when_they_are_to_be_kept(persistence: bool, word: str) -> None:
    show = stage("redis", parameters={"persistence": persistence})
    assert settings(show)["--appendonly"] == word
    assert settings(show)["--dir"] == "/data"


def test_redis_reads_its_password_from_a_file_not_from_its_arguments() -> None:
    show = stage("redis")
    assert show.container()["args"][0] == "/etc/redis/redis.conf"
    assert show.only("Secret")["stringData"] == {
        "password": PASSWORD,
        "redis.conf": 'requirepass "it\'s a/pass\\"word"\n',
    }
    assert {"name": "credential", "mountPath": "/etc/redis", "readOnly": True} in show.container()["volumeMounts"]


def test_the_queue_reads_user_and_limits_from_a_file_in_its_credential() -> None:
    show = stage("queue", parameters={"max_payload": 64})
    assert show.container()["args"] == ["-c", "/etc/nats/nats.conf", "-js", "-sd", "/data", "-m", "8222"]
    assert show.only("Secret")["stringData"]["nats.conf"].splitlines() == [
        'server_name: "orders"',
        "max_payload: 65536",
        'authorization { user: "app", password: "it\'s a/pass\\"word" }',
    ]


def test_the_queue_is_ready_when_its_own_health_says_so() -> None:
    main = stage("queue").container()
    assert main["readinessProbe"]["httpGet"] == {"path": "/healthz", "port": 8222}
