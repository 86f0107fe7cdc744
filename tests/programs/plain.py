"""A program that needs no cluster."""

import time

import pulumi


class Part(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("fairway:tests:Part", name)
        self.register_outputs({})


def main() -> None:
    config = pulumi.Config("fairway")
    Part("one")
    pulumi.export("plain", config.require("request"))
    pulumi.export("secret", config.require_secret("seeds"))


def breaks() -> None:
    Part("one")
    raise ValueError("this program is broken")


def hangs() -> None:
    print("it hangs")
    time.sleep(600)
