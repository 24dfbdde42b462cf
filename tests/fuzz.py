"""New examples for every property of the suite, round after round: ``python -m tests.fuzz --minutes 10``.

A round is a run of pytest over all tests of hypothesis, readers of damaged files among them, with a seed of
its own. What failed is told with the command that repeats it, and left out of the later rounds.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import is_hypothesis_test

ROOT = Path(__file__).parents[1]
LARGEST = 2**32
SUITE = "not browser and not notebook and not package and not parallel and not types"
SEED = "_hypothesis_internal_use_seed"
"""What `hypothesis.seed` sets; that and ``--hypothesis-seed`` also turn off the database of failures."""


# ------------------------------------------------------------------ the rounds


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, help="of the first round; each further one has the next")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("tests", nargs="*", default=["tests"], help="files or tests (all)")
    options = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(LARGEST) if options.seed is None else options.seed
    end = time.time() + 60 * options.minutes
    runs: list[dict] = []
    complete, problem = 0, ""
    with tempfile.TemporaryDirectory() as folder:
        try:
            for number in range(seed, seed + LARGEST):
                log = Path(folder) / f"{number}.jsonl"
                failed = [run["test"] for run in runs if run["failure"]]
                print(f"round {number - seed + 1}, seed {number}", flush=True)
                try:
                    problem = _round(number, end, options.workers, failed, log, options.tests)
                finally:
                    found = _read(log)
                    runs += found
                if problem or not found or time.time() >= end:
                    break
                complete += 1
        except KeyboardInterrupt:
            print("stopped")
    print(_summary(runs, complete))
    for run in runs:
        if run["failure"]:
            print(_told(run))
    if problem or not runs:
        print(problem or "no property ran")
        return 2
    return int(any(run["failure"] for run in runs))


def _round(seed: int, end: float, workers: int, left_out: list[str], log: Path, tests: list[str]) -> str:
    """Run every property once, until `end`; why pytest itself failed, if it did."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.fuzz", "-q", "--no-header", "--no-summary"]
    command += ["-n", str(workers if workers > 1 else 0), "--dist", "worksteal", "-m", SUITE]
    command += [f"--fuzz-seed={seed}", f"--fuzz-end={end}", f"--fuzz-log={log}"]
    command += [f"--deselect={test}" for test in left_out]
    run = subprocess.Popen(
        [*command, *tests],
        cwd=ROOT,
        env=os.environ | {"HYPOTHESIS_PROFILE": "fuzz"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        output, _ = run.communicate()
    except KeyboardInterrupt:  # pytest had it too
        run.communicate()
        raise
    return "" if run.returncode in (0, 1, 5) else output


def _read(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def _summary(runs: list[dict], complete: int) -> str:
    rounds: Counter[str] = Counter()
    examples: Counter[str] = Counter()
    for test, _, count in {(run["test"], run["seed"], run["examples"]) for run in runs}:
        rounds[test] += 1
        examples[test.split("[")[0]] += count
    lines = ["", "examples  rounds  property"]
    for name in sorted(examples):
        most = max(n for test, n in rounds.items() if test.split("[")[0] == name)
        lines.append(f"{examples[name]:8,}  {most:6}  {name}")
    failed = len({run["test"] for run in runs if run["failure"]})
    count = f"{examples.total():,} examples of {len(examples)} properties"
    return "\n".join([*lines, f"{count} in {complete} whole rounds, {failed} failed"])


def _told(run: dict) -> str:
    command = f"HYPOTHESIS_PROFILE=fuzz python -m pytest '{run['test']}' --hypothesis-seed={run['seed']}"
    return f"\nFAILED {run['test']}\n{run['failure']}\nTo repeat it: {command}\nKeep it as an @example."


# ------------------------------------------------------------------ what pytest loads


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fuzz")
    group.addoption("--fuzz-seed", type=int, help="of every property")
    group.addoption("--fuzz-end", type=float, help="when no further test begins, as time.time() counts")
    group.addoption("--fuzz-log", type=Path, help="where a line of JSON goes for each test that ran")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep properties alone, and begin each round with other files, so that short runs meet them all."""
    mine = [item for item in items if is_hypothesis_test(getattr(item, "obj", None))]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(mine)])
    files = sorted({item.path for item in mine})
    random.Random(config.getoption("fuzz_seed")).shuffle(files)
    for item in mine:
        assert hasattr(item.obj, SEED)
        setattr(item.obj, SEED, config.getoption("fuzz_seed"))
    items[:] = sorted(mine, key=lambda item: files.index(item.path))


def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Pass over what would begin too late."""
    return True if time.time() >= item.config.getoption("fuzz_end") else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: Any) -> Iterator[None]:
    """Count the examples that the property is given."""
    handle, count = item.obj.hypothesis, 0
    test = handle.inner_test

    @functools.wraps(test)  # its source is the key under which failures are kept
    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        return test(*args, **kwargs)

    handle.inner_test = counted
    try:
        return (yield)
    finally:
        handle.inner_test = test
        item.user_properties.append(("examples", count))


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Log(config))


class _Log:
    """Writes what ran, where the workers of xdist report to."""

    def __init__(self, config: pytest.Config) -> None:
        self._path = config.getoption("fuzz_log")
        self._seed = config.getoption("fuzz_seed")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and not report.failed:
            return
        run = {
            "test": report.nodeid,
            "seed": self._seed,
            "examples": dict(report.user_properties).get("examples", 0) if report.when == "call" else 0,
            "failure": report.longreprtext if report.failed else "",
        }
        with self._path.open("a") as file:
            file.write(json.dumps(run) + "\n")


if __name__ == "__main__":
    sys.exit(main())
