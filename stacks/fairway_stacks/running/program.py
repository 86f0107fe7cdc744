"""Runs one Pulumi program against a monitor; in the child process that was forked for it."""

import asyncio
import logging
import os
import traceback
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fairway_stacks.running import finding


def run(wanted: Mapping[str, Any]) -> str:
    """wanted: `{program, project, stack, monitor, planning, config, secret_keys}`. What went wrong, empty for nothing.

    The same steps as the SDK's own language host for inline programs (`pulumi.automation._server`).
    """
    import grpc
    import pulumi
    from pulumi.runtime import settings

    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        main = finding.find(wanted["program"])
    except finding.NoProgram as error:
        return str(error)
    settings.ROOT.set(None)
    settings.configure(
        settings.Settings(
            project=wanted["project"],
            stack=wanted["stack"],
            monitor=wanted["monitor"],
            engine=wanted["monitor"],
            parallel=16,
            dry_run=wanted["planning"],
            organization="organization",
            root_directory=os.getcwd(),
        )
    )
    pulumi.runtime.set_all_config(wanted["config"], wanted["secret_keys"])
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(64))
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(main))
    except pulumi.RunError as error:
        return str(error)
    except grpc.RpcError as error:
        return "" if error.code() == grpc.StatusCode.UNAVAILABLE else str(error.details())
    except BaseException as error:
        if "monitor has terminated" in str(error):
            return ""
        return f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
    return ""
