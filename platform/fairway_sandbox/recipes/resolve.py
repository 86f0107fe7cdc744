"""Image name -> recipe."""

from collections.abc import Callable

from fairway_sandbox.recipes import databases, exporters, programs, rabbitmq
from fairway_sandbox.recipes.recipe import NoRecipe, Recipe, Setting, Start

Maker = Callable[[str], Callable[[Setting], Start]]
RECIPES: dict[str, Maker] = {
    "postgres": databases.postgres,
    "redis": databases.redis,
    "valkey": databases.redis,
    "valkey/valkey": databases.redis,
    "nats": databases.nats,
    "rabbitmq": rabbitmq.rabbitmq,
    "prometheuscommunity/postgres-exporter": exporters.postgres,
    "oliver006/redis_exporter": exporters.redis,
    "natsio/prometheus-nats-exporter": exporters.nats,
    "fairway/demo": programs.demo,
    "python": programs.python,
    "pause": programs.pause,
    "busybox": programs.shell,
    "alpine": programs.shell,
    "debian": programs.shell,
    "ubuntu": programs.shell,
    "bash": programs.shell,
}
PREFIXES = ("docker.io/library/", "docker.io/", "library/", "quay.io/", "registry.k8s.io/", "bitnami/")


def resolve(image: str) -> Recipe:
    """The recipe of an image; NoRecipe's text is what a failed pull would say."""
    reference = image.partition("@")[0]
    name, _, tag = reference.rpartition(":") if ":" in reference.rsplit("/", 1)[-1] else (reference, "", "latest")
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    maker = RECIPES.get(name)
    if maker is None:
        why = f'failed to resolve reference "{image}": not found'
        raise NoRecipe(f'failed to pull and unpack image "{image}": {why} (the sandbox has no recipe for it)')
    try:
        return Recipe(image, maker(tag))
    except NoRecipe as error:
        raise NoRecipe(f'failed to pull and unpack image "{image}": {error}') from error
