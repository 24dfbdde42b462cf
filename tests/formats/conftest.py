"""The laws of all formats are tried with most samples in `make test`, with all of them in the long tests."""

from __future__ import annotations

import pytest

from tests.formats.samples import SAMPLES


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            sample = SAMPLES.get(str(item.callspec.params.get("name")))
            if sample is not None and not sample.often:
                item.add_marker("long")
