"""What must hold for the repository as a whole."""

import platform
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = ("platform", "ui", "stacks", "catalog", "chaos")


def test_a_source_root_never_shadows_the_standard_library() -> None:
    assert [root for root in SOURCES if (ROOT / root / "__init__.py").exists()] == []
    assert platform.system()


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    source = (ROOT / "platform/fairway/settings.py").read_text()
    read = set(re.findall(r'"(FAIRWAY_[A-Z_]+)"', source)) | set(re.findall(r'env\.get\("(FAIRWAY_[A-Z_]+)"', source))
    told = set(re.findall(r"^\| `(FAIRWAY_[A-Z_]+)`", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))
    assert told == read


def test_secret_settings_are_told_apart_in_the_documentation() -> None:
    source = (ROOT / "platform/fairway/settings.py").read_text()
    secret = set(re.findall(r'_(?:secret|database)\(env, "(FAIRWAY_[A-Z_]+)"\)', source))
    told = set(re.findall(r"^\| `(FAIRWAY_[A-Z_]+)` \(secret\)", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))
    assert told == secret


def test_constraints_hold_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    wrong = [line for line in lines if line and not re.fullmatch(r"(#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+)", line)]
    assert lines
    assert wrong == []


def test_the_links_of_the_documentation_lead_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []
