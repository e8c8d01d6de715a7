"""Keeps the sabotages usable while the source changes; `make sabotage` plants them and runs the tests."""

import sys

import pytest

from tests.sabotage.__main__ import main
from tests.sabotage.bugs import BUGS, Bug
from tests.sabotage.tree import ROOT, planted


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_bug_can_be_planted(bug: Bug) -> None:
    """Its anchor is found exactly once, the result is Python, and the tests that must catch it exist."""
    source = (ROOT / bug.file).read_text()
    compile(planted(source, bug), bug.file, "exec")
    assert all((ROOT / test.partition("::")[0]).is_file() for test in bug.tests.split())


def test_there_are_enough() -> None:
    """At least fifteen, no two alike."""
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 15


def test_a_name_that_no_sabotage_has_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a sentence, before anything is copied or run."""
    monkeypatch.setattr(sys, "argv", ["sabotage", "no", "such", "bug"])
    assert main() == 2
    assert "“no such bug”" in capsys.readouterr().err
