"""The project around the code: locks, wheel, contracts, and the words that `make` says."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
# Started by `make test`, make would take its parent's flags for its own.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
LOCKS = ("requirements.lock", "requirements-dev.lock")


def out(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=ENVIRONMENT | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_versions_and_hashes_and_no_host(lock: str) -> None:
    """It installs from whatever index a machine is set up with, and takes nothing else for the same."""
    text = (ROOT / lock).read_text()
    assert not re.search(r"://|--(extra-)?index|--find-links|^-", text, re.MULTILINE)
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE))
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_development_lock_is_the_runtime_lock_and_more() -> None:
    """`make test` after `make run` changes no version that runs."""
    assert pins(LOCKS[0]).items() <= pins(LOCKS[1]).items()
    assert "hatchling" in pins(LOCKS[0]), "the editable install must not need the network"


def test_the_wheel_holds_the_three_packages_with_their_data(tmp_path: Path) -> None:
    """Everything under them that git keeps, templates and typing marks included, and nothing beside them."""
    built = out(BIN / "python", "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    here = {
        str(path.relative_to(ROOT))
        for package in ("bot", "web", "storage")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert packed == here
    assert {"bot/py.typed", "web/py.typed", "storage/py.typed"} <= packed


def test_the_contracts_refuse_what_they_are_there_for(tmp_path: Path) -> None:
    """Planted in a copy: imports upwards and sideways, libraries out of place, a module on no floor."""
    for package in ("bot", "web", "storage"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, line in {
        "bot/core/planted.py": "import bot.providers.catalog, httpx, starlette, uvicorn",
        "bot/net/planted.py": "import apscheduler, bot.core, genai_prices, pypdf, resvg_py",
        "web/planted.py": "import bot.config, discord, slack_sdk, tortoise",
        "bot/unplaced.py": "",
        "bot/adapters/discord/planted.py": "import bot.adapters.slack.settings",
        "bot/providers/wires/planted.py": "import bot.providers.wires.demo",
    }.items():
        (tmp_path / file).write_text(line + "\n")
    command = BIN / "lint-imports", "--no-logo", "--no-cache"
    checked = out(*command, cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert re.search(r"Contracts: 0 kept, 14 broken", checked.stdout), checked.stdout
    for found in ("bot.net.planted -> bot.core", "web.planted -> bot.config", "bot.unplaced"):
        assert found in checked.stdout


def test_make_without_a_word_lists_its_words() -> None:
    """The words that CONTRIBUTING.md explains are those of the Makefile."""
    words = re.findall(r"^(make [a-z]+)  ", out("make").stdout, re.MULTILINE)
    explained = re.findall(r"^\| `(make [a-z]+)` ", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert sorted(words) == sorted([*explained, "make help"])


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        (None, "make needs Python 3.11 or newer: apt install python3 python3-venv"),
        (
            'case "$*" in -V) echo Python 3.9.2;; *) exit 1;; esac',
            "and ./python is Python 3.9.2: name another",
        ),
        ('case "$*" in *ensurepip*) exit 1;; esac', "make needs python3-venv: apt install python3-venv"),
    ],
)
def test_make_says_what_is_missing(tmp_path: Path, python: str | None, sentence: str) -> None:
    """No Python, one that is too old, one without venv: a sentence and exit code 2."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.lock").touch()
    if python:
        (tmp_path / "python").write_text(f"#!/bin/sh\n{python}\n")
        (tmp_path / "python").chmod(0o755)
    asked = out("make", "run", "PYTHON=./python", cwd=tmp_path)
    assert asked.returncode == 2
    assert sentence in asked.stderr
    assert "Traceback" not in asked.stderr


def test_the_readme_begins_with_a_sentence_a_picture_and_two_commands() -> None:
    """The first screen; test_readme.py runs the first, and this is the second."""
    text = (ROOT / "README.md").read_text()
    assert re.match(r"# Switchboard\n\n[^#\n][^#!`]+\n\n!\[[^]]+\]\(docs/first-screen.png\)\n\n```sh\n", text)
    commands = re.findall(r"^(make \w+) *#", text.split("```")[1], re.MULTILINE)
    assert commands == ["make run", "make test"]


def test_the_readme_names_every_setting() -> None:
    """The table of settings is complete."""
    example = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    readme = (ROOT / "README.md").read_text()
    assert [name for name in example if f"`{name}`" not in readme] == []
