"""Names of resources: `urn:pulumi:<stack>::<project>::<parent types$type>::<name>`."""

STACK_TYPE = "pulumi:pulumi:Stack"


def make(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    above = qualified_type(parent) if parent else ""
    qualified = type_ if above in ("", STACK_TYPE) else f"{above}${type_}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def qualified_type(urn: str) -> str:
    return urn.split("::", 3)[2]


def type_of(urn: str) -> str:
    return qualified_type(urn).split("$")[-1]


def name_of(urn: str) -> str:
    return urn.split("::", 3)[3]


def is_provider(type_: str) -> bool:
    return type_.startswith("pulumi:providers:")


def provider_urn(reference: str) -> str:
    """The URN in a provider reference, `<urn>::<id>`."""
    return reference.rpartition("::")[0]
