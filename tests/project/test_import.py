"""`import liqmap` is free, and its verbs stay verbs."""

from __future__ import annotations

import subprocess
import sys

import liqmap

HEAVY = (
    "numpy", "pandas", "numba", "pyarrow", "duckdb", "xarray", "datashader", "holoviews", "bokeh", "panel",
    "matplotlib", "ccxt", "fastapi", "dask", "IPython",
)  # fmt: skip


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_import_loads_nothing_heavy() -> None:
    loaded = set(_python("import sys, liqmap; print(*{m.split('.')[0] for m in sys.modules})").split())
    assert not loaded & set(HEAVY)


def test_command_line_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom liqmap.cli import main\ntry: main(['render', '--help'])\nexcept SystemExit: pass\n"
    )
    loaded = set(
        _python(code + "print('MODULES', *{m.split('.')[0] for m in sys.modules})")
        .split("MODULES")[1]
        .split()
    )
    assert not loaded & {"pandas", "numba", "xarray", "holoviews", "panel", "matplotlib", "duckdb"}


def test_verbs_are_callable_whatever_was_imported_before() -> None:
    code = (
        "import liqmap.spans.replayer, liqmap.ingestion.run, liqmap.simulation.market, liqmap.app\n"
        "import liqmap as lm\n"
        "print(all(callable(getattr(lm, v)) for v in ('replay', 'ingest', 'simulate', 'rasterize')))"
    )
    assert _python(code).strip() == "True"


def test_every_public_name_resolves() -> None:
    for name in liqmap.__all__:
        assert getattr(liqmap, name) is not None, name


def test_app__opens_a_page_without_holoviews_or_datashader() -> None:
    code = (
        "import sys\nimport numpy as np\nimport liqmap as lm, liqmap.app\n"
        "early = {'holoviews', 'datashader', 'matplotlib'} & set(sys.modules)\n"
        "capture = lm.simulate(minutes=0.2, seed=1, levels=5, keep_truth=False)\n"
        "spans = lm.replay(capture.depth)\n"
        "class Market:\n"
        "    venue, symbol, feed = 'bybit', 'BTCUSDT', 'ob5'\n"
        "    time_range = np.datetime64(spans.begin, 'ns'), np.datetime64(spans.last, 'ns')\n"
        "    price_range = 1.0, 1e6\n"
        "    def spans(self, depth_limit=None): return spans\n"
        "    def trades(self): return capture.trades\n"
        "lm.explore(Market(), panels=['delta', 'ladder', 'profile']).__panel__()\n"
        "print('LOADED', *early, *({'holoviews', 'datashader'} & set(sys.modules)))"
    )
    assert _python(code).split("LOADED")[1].split() == []
