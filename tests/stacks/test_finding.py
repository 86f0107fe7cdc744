"""Programs that are there, and those that are not."""

from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest

from fairway_stacks.automation import job
from fairway_stacks.running import finding

Look = Callable[[str], object]


def test_a_program_is_found_by_module_and_function() -> None:
    finding.check("tests.programs.plain:main")
    assert finding.find("tests.programs.plain:main").__module__ == "tests.programs.plain"


@pytest.mark.parametrize("look", [finding.find, finding.check])
@pytest.mark.parametrize("module", ["acme_offerings", "acme_offerings.mailbox", "tests.programs.mailbox"])
def test_one_that_is_not_installed_is_told_with_the_way_out(look: Look, module: str) -> None:
    with pytest.raises(finding.NoProgram) as caught:
        look(f"{module}:main")
    said = str(caught.value)
    assert said.startswith(f"The program {module}:main cannot be imported: No module named ")
    assert "install the package" in said and "PYTHONPATH" in said


def test_one_that_cannot_be_read_is_told_with_its_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "broken_offering.py").write_text("raise OSError('the harbour is closed')\n")
    finding.check("broken_offering:main")
    with pytest.raises(finding.NoProgram, match="cannot be imported: OSError: the harbour is closed"):
        finding.find("broken_offering:main")


def test_a_module_without_that_function_is_named() -> None:
    with pytest.raises(finding.NoProgram, match=r"tests.programs.plain:master cannot be run: .*plain.py has no"):
        finding.find("tests.programs.plain:master")


def test_the_cli_is_told_so_as_a_fault_of_the_program_without_a_traceback() -> None:
    with pytest.raises(pulumi.RunError, match=r"acme_offerings.mailbox:main cannot be imported"):
        job._program("acme_offerings.mailbox:main")()
