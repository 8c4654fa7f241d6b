"""The clock of the story: it moves for who holds it, and for nobody who is served."""

import ast
from datetime import UTC, date, datetime
from pathlib import Path

import service
from service.demo.clock import Clock

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
MODULES = Path(service.__file__).parent


def test_the_clock_stands_in_the_morning_of_a_day_of_the_story_and_then_goes_on():
    clock = Clock(lambda: NOW)
    with clock.at(date(2025, 3, 17), 5):
        assert clock() == datetime(2025, 3, 17, 2, 5, tzinfo=UTC)
    assert clock() == NOW


def test_a_step_without_a_day_is_taken_now():
    clock = Clock(lambda: NOW)
    with clock.at(None, 5):
        assert clock() == NOW


def test_only_the_command_of_the_demo_composes_a_service_with_another_clock():
    composing = {
        path.relative_to(MODULES).as_posix()
        for path in MODULES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "application"
        and "clock" in [keyword.arg for keyword in node.keywords]
    }
    assert composing == {"__main__.py"}
