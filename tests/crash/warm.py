"""A process that has liqmap loaded and its kernels compiled, and forks one for each command to be killed.

It is driven over pipes: a line of JSON asks for a run, one answers. A run is the command of a scenario,
traced: recorded, or killed at a point.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from tests.crash.calls import Call, Point
from tests.crash.tracer import Run, traced

ROOT = Path(__file__).parents[2]


class Warm:
    """The process. It and what it forks are gone when this is left."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.warm"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True, cwd=ROOT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        )  # fmt: skip
        self.log = log

    def __enter__(self) -> Warm:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def run(self, scenario: str, raw: Path, store: Path, kill_at: Point | None = None) -> Run:
        """A scenario's command in a process of its own.

        Raises
        ------
        RuntimeError : there is no process any more, or the command could not be traced.
        """
        asked = {"scenario": scenario, "raw": str(raw), "store": str(store), "kill_at": kill_at}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline() or "{}")
        except BrokenPipeError:
            answer = {}
        if "status" not in answer:
            raise RuntimeError(f"{answer or 'the warm process ended'}: {self.log.read_text()[-2000:]}")
        return Run(
            answer["process"],
            answer["status"],
            [Call(**call) for call in answer["calls"]],
            [Point(*point) for point in answer["points"]],
            Point(*answer["killed_at"]) if answer["killed_at"] else None,
        )


def _serve() -> None:
    """Answer until there is nobody who asks."""
    from tests.crash.faulty import FAULTY
    from tests.crash.scenarios import SCENARIOS

    every = SCENARIOS | FAULTY
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a command prints is no answer
    _warm_up()
    for line in sys.stdin:
        asked = json.loads(line)
        raw, store = Path(asked["raw"]), Path(asked["store"])
        scenario = every[asked["scenario"]]
        kill_at = Point(*asked["kill_at"]) if asked["kill_at"] else None

        def work() -> None:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            scenario.run(raw, store)  # noqa: B023

        try:
            answers.write(json.dumps(asdict(traced(work, store, kill_at))))
        except (OSError, TimeoutError) as error:
            answers.write(json.dumps({"error": str(error)}))
        answers.write("\n")
        answers.flush()


def _warm_up() -> None:
    """Every command once, here: what they import and compile is then in every process that is forked."""
    from tests.crash import scenarios

    with tempfile.TemporaryDirectory() as folder:
        raw, store = Path(folder, "raw"), Path(folder, "store")
        scenarios.recorded.record(raw, store)
        scenarios.many_pieces(raw, store)
        for step in (scenarios.compact, scenarios.migrate, scenarios.open_spans, scenarios.remove()):
            step(raw, store)


if __name__ == "__main__":
    _serve()
