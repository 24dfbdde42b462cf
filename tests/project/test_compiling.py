"""The word about compiling: said once to who watches, never into a pipe, never with a warm cache."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from liqmap import compiling


def kernel(folder, signatures=()):  # type: ignore[no-untyped-def]
    return SimpleNamespace(
        __name__="draw", signatures=list(signatures), stats=SimpleNamespace(cache_path=str(folder))
    )


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_watched", lambda: True)
    monkeypatch.setattr(compiling, "_told", False)


@pytest.mark.usefixtures("watched")
def test_said_once(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    for _ in range(3):
        compiling.say_if_compiling(kernel(tmp_path))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("compiling its kernels, once after installation") == 1


@pytest.mark.usefixtures("watched")
def test_not_said_where_nothing_is_compiled(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    compiling.say_if_compiling(kernel(tmp_path, ["known"]))
    compiling.say_if_compiling(print)  # not a compiled function at all
    (tmp_path / "m.draw-7.py311.nbi").touch()
    compiling.say_if_compiling(kernel(tmp_path))
    assert capsys.readouterr().err == ""


def test_pipes_stay_quiet(tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(compiling, "_told", False)
    monkeypatch.delitem(compiling.sys.modules, "ipykernel", raising=False)
    compiling.say_if_compiling(kernel(tmp_path))
    assert capsys.readouterr().err == ""


def test_the_cache_of_a_real_kernel_is_found(tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    numba = pytest.importorskip("numba")
    if numba.config.DISABLE_JIT:
        pytest.skip("compilation is off")
    import numpy as np

    from liqmap.raster.columns import clear

    clear(np.zeros(3))
    again = SimpleNamespace(__name__="clear", signatures=[], stats=clear.stats)
    monkeypatch.setattr(compiling, "_watched", lambda: True)
    monkeypatch.setattr(compiling, "_told", False)
    compiling.say_if_compiling(again)
    assert capsys.readouterr().err == ""


def test_borrowed_arrays_stay_with_their_owner() -> None:
    """Functions compiled without reference counts must not return an array, not even one they were given:
    whoever called them would give it back twice."""
    numba = pytest.importorskip("numba")
    if numba.config.DISABLE_JIT:
        pytest.skip("compilation is off")
    borrowing = [kernel for kernel in _kernels() if not kernel.targetoptions.get("_nrt", True)]
    returned = {
        kernel.py_func.__qualname__: signature.return_type
        for kernel in borrowing
        for signature in (compiled.signature for compiled in kernel.overloads.values())
        if "array" in str(signature.return_type)
    }
    assert len(borrowing) > 60
    assert not returned
    assert any(kernel.overloads for kernel in borrowing)


def _kernels():  # type: ignore[no-untyped-def]
    """All compiled functions of the package, those used here compiled as for a session of each layer."""
    import importlib
    import pkgutil

    import liqmap as lm

    sample = Path(__file__).parents[2] / "data" / "sample"
    depth, trades = (lm.read(next(sample.glob(name))) for name in ("*.zip", "*.csv.gz"))
    assert depth.depth
    assert trades.trades
    spans = lm.replay(depth.depth)
    span = spans.to_arrow().to_pandas()
    edges = [span["start"].min(), span["start"].max()]
    low, high = (
        float(p) for p in (span["tick"].min() * spans.tick_size, span["tick"].max() * spans.tick_size)
    )
    lm.rasterize(spans, edges, [low, high], parts=True)
    for found in pkgutil.walk_packages(lm.__path__, "liqmap."):
        if found.name.split(".")[1] in {"formats", "replay", "raster", "ingest", "fill"}:
            yield from (
                value
                for value in vars(importlib.import_module(found.name)).values()
                if hasattr(value, "py_func") and value.__module__ == found.name
            )
