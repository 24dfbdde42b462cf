"""What every test may use: the folder of real captures, and the profiles of hypothesis."""

from __future__ import annotations

import math
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.internal.conjecture import providers

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:  # `from tests.oracle import ...`, however pytest was started
    sys.path.insert(0, str(ROOT))

from liqmap.store.commit import durable  # noqa: E402
from tests.defects import raise_defects  # noqa: E402
from tests.interrupts import CtrlC  # noqa: E402

durable.SYNCS = False  # no test takes the power away; those that look for the syncs turn them on

# A test's own source is the seed of its examples: `make test` passes or fails for a reason, everywhere.
# `make fuzz` draws new ones, and keeps those that fail. The first example compiles, so none has a deadline.
settings.register_profile(
    "default",
    deadline=None,
    max_examples=60,  # for those that do not say
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "fuzz",
    settings.get_profile("default"),
    max_examples=100,
    derandomize=False,
    database=DirectoryBasedExampleDatabase(ROOT / ".hypothesis" / "examples"),
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def _draw_alike() -> None:
    """Keep the package's constants out of examples: which ones hypothesis would know depends on the modules
    that earlier tests of the same worker imported."""
    assert callable(providers._get_local_constants)
    none = providers.Constants()
    providers._get_local_constants = lambda: none


if settings().derandomize:
    _draw_alike()

SHARE = 0.4
"""Of the examples that a property asks for, those that `make test` draws; `make fuzz` draws all of them."""

_SETTINGS = "_hypothesis_internal_use_settings"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Draw a share of each property's examples: the suite has six minutes."""
    if not settings().derandomize:
        return
    properties = {item.obj for item in items if isinstance(item, pytest.Function) and is_property(item.obj)}
    for one in properties:
        own = getattr(one, _SETTINGS)
        setattr(one, _SETTINGS, settings(own, max_examples=math.ceil(SHARE * own.max_examples)))


def is_property(test: Any) -> bool:
    """Whether it is a plain function that hypothesis draws examples for."""
    return is_hypothesis_test(test) and hasattr(test, _SETTINGS)


def _check_borrowing() -> None:
    """Refuse functions compiled without reference counts that return an array, even one they were given:
    whoever called them would give it back twice."""
    from numba.core import dispatcher

    add = dispatcher.Dispatcher.add_overload

    def checked(self: Any, result: Any) -> None:
        counted = self.targetoptions.get("_nrt", True)
        assert counted or "array" not in str(result.signature.return_type), self.py_func
        add(self, result)

    dispatcher.Dispatcher.add_overload = checked


_check_borrowing()

raise_defects()


def real_data_folder() -> Path:
    """Where the real captures lie: LIQMAP_REAL_DATA, else ``shared/data`` beside the repository."""
    return Path(os.environ.get("LIQMAP_REAL_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(autouse=True)
def own_presets(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No preset of whoever runs the tests, and none left with them."""
    monkeypatch.setenv("LIQMAP_CONFIG", str(tmp_path_factory.getbasetemp() / "config" / os.urandom(8).hex()))


@pytest.fixture
def ctrl_c() -> Iterator[CtrlC]:
    """Sends SIGINT, which raises KeyboardInterrupt also where tests in the background would ignore it."""
    sender = CtrlC()
    before = signal.signal(signal.SIGINT, sender.take)
    yield sender
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real captures; skips where it is missing (they may not be redistributed)."""
    folder = real_data_folder()
    if not folder.is_dir():
        pytest.skip(f"no real captures at {folder}; set LIQMAP_REAL_DATA to the folder that holds them")
    return folder
