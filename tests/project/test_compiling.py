"""The word about compiling: said once to who watches, never into a pipe, never with a warm cache."""

from __future__ import annotations

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
    monkeypatch.setattr(compiling, "_announced", False)


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
    monkeypatch.setattr(compiling, "_announced", False)
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
    monkeypatch.setattr(compiling, "_announced", False)
    compiling.say_if_compiling(again)
    assert capsys.readouterr().err == ""


def code_of(options) -> str:  # type: ignore[no-untyped-def]
    """What a function that takes arrays is compiled to."""
    import numba
    import numpy as np

    kernel = numba.njit(**options)(lambda arrays: arrays[1][0])
    kernel((np.zeros(3), np.ones(3)))
    (code,) = kernel.inspect_llvm().values()
    return code


def test_numba_still_compiles_without_reference_counts() -> None:
    """What breaks when numba drops its private option: every kernel at once; without it, their speed."""
    import numba

    if numba.config.DISABLE_JIT:
        pytest.skip("compilation is off")
    option = f"{compiling.WITHOUT_COUNTS} of numba {numba.__version__}"
    try:
        code = code_of(compiling.WITHOUT_COUNTS)
    except KeyError as error:
        pytest.fail(f"no more {option}: set liqmap.compiling.WITHOUT_COUNTS to {{}} and measure ({error})")
    assert "NRT_" not in code, f"{option} has no effect: kernels count references, up to 4 times slower"
    assert "NRT_" in code_of({}), "numba's runtime has another name: look for that one above"


@pytest.mark.parametrize("returned", ["array", "(1, array)"])
def test_borrowed_arrays_stay_with_their_owner(returned: str) -> None:
    """`conftest` refuses every function that would give an array back, whenever a test compiles it."""
    import numba
    import numpy as np

    if numba.config.DISABLE_JIT:
        pytest.skip("compilation is off")
    giver = numba.njit(**compiling.WITHOUT_COUNTS)(eval(f"lambda array: {returned}"))
    with pytest.raises(AssertionError, match="lambda"):
        giver(np.zeros(3))
