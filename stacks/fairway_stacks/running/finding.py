"""Where a program is: Fairway's own, and those that an organisation brings as a package."""

import importlib
import importlib.util
from collections.abc import Callable

WAY_OUT = "install the package that has it beside Fairway, or name the folder around it in PYTHONPATH"


class NoProgram(Exception):
    """A program cannot be imported; the message names it, says why, and what helps."""


def find(program: str) -> Callable[[], None]:
    """program: `package.module:function`. Raises NoProgram."""
    module, _, name = program.partition(":")
    try:
        found = importlib.import_module(module)
    except Exception as error:  # the module runs, so it may raise anything
        raise _unimportable(program, error) from error
    main: Callable[[], None] | None = getattr(found, name, None)
    if main is None:
        raise NoProgram(f"The program {program} cannot be run: {found.__file__} has no function {name}")
    return main


def check(program: str) -> None:
    """Whether there is such a module; the module itself, which loads the SDK, is not run. Raises NoProgram."""
    module = program.partition(":")[0]
    try:
        if importlib.util.find_spec(module) is None:
            raise ModuleNotFoundError(f"No module named {module!r}")
    except Exception as error:  # the packages around it run
        raise _unimportable(program, error) from error


def _unimportable(program: str, error: Exception) -> NoProgram:
    if isinstance(error, ModuleNotFoundError):
        return NoProgram(f"The program {program} cannot be imported: {error}; {WAY_OUT}")
    return NoProgram(f"The program {program} cannot be imported: {type(error).__name__}: {error}")
