"""The field's exporters, by small stand-ins that read the real server and use the same metric names."""

from collections.abc import Callable

from fairway_sandbox.recipes.recipe import Setting, Start, module, module_path, run


def postgres(tag: str) -> Callable[[Setting], Start]:
    return _exporter("postgres_exporter", 9187)


def redis(tag: str) -> Callable[[Setting], Start]:
    return _exporter("redis_exporter", 9121)


def nats(tag: str) -> Callable[[Setting], Start]:
    return _exporter("nats_exporter", 7777)


def _exporter(name: str, port: int) -> Callable[[Setting], Start]:
    def start(setting: Setting) -> Start:
        if setting.command:
            return Start(run(*setting.command, *setting.arguments))
        environment = {**module_path(), "EXPORTER_PORT": str(port)}
        return Start(run(*module(name, *setting.arguments)), environment)

    return start
