"""What works in an environment without any extra, and what says which one it needs: ``bare_use.py FOLDER``.

Every verb of the public interface is used or named in `LEFT_OUT`, so that a new one finds its place here.
"""

import pathlib
import pickle
import sys
from importlib.util import find_spec

import liqmap as lm
from liqmap.browser.sources import component
from liqmap.simulation import write_bybit
from liqmap.store import pull, push

folder = pathlib.Path(sys.argv[1])
assert "site-packages" in lm.__file__, lm.__file__
extras = (
    "netCDF4",
    "zarr",
    "databento_dbn",
    "obstore",
    "aiohttp",
    "jupyterlab",
    "ipykernel",
    "dask",
    "joblib",
    "polars",
)
assert not [name for name in extras if find_spec(name)]

# ---------------------------------------------------------------------- what works
raw = write_bybit(lm.simulate(minutes=0.2, seed=3), folder / "raw")
report = lm.ingest(raw, store=folder / "store")
assert report.exit_code == 0, report
store = lm.open_store(folder / "store")
session = store.session("bybit", report.table["symbol"][0])
grid = session.grid("1s", 5.0)
assert float(grid.liquidity.max()) > 0
assert lm.concat([grid.isel(time=slice(2)), grid.isel(time=slice(2, None))]).identical(grid)
assert float(lm.GridAccessor(grid).coverage()) == float(grid.liqmap.coverage()) > 0
captures = [lm.read(path) for path in raw]
depth = next(capture.depth for capture in captures if capture.depth is not None)
spans = lm.replay(depth)
assert len(spans) == len(session.spans())
for made in (
    lm.bars(session, "1s"),
    lm.volume_profile(session),
    lm.value_area(lm.volume_profile(session)),
    lm.footprint(session, "10s", 1.0).cells,
    lm.developing(session, "10s", 1.0),
    lm.cumulative_delta(session),
    lm.vwap(session),
    lm.sweeps(session, "1ms", min_prices=1),
    lm.time_and_sales(session),
    lm.ladder(session, session.time_range[1]),
    lm.stacking(session, "1s"),
    lm.order_flow_imbalance(session, "1s", 2),
    lm.price_impact(session, "1s"),
    lm.kyle_lambda(session, "1s"),
    lm.microprice(session).adjustment,
    lm.spreads(session, "1s"),
    lm.tracker(session),
    lm.beyond(session, *session.price_range, "1s"),
    lm.quality(session).hours,
    lm.fill_forward(lm.snapshots(session, every="1s", levels=10)),
    session.bbo(),
    session.sample("1s", ["mid", "depth@10bps"]),
    session.alerts("mid > 0"),
    session.levels("1s", 5, wide=True),
    session.book(session.time_range[1]),
    session.sql("select count(*) as n from depth").df(),
    pickle.loads(pickle.dumps(session)).bbo(),
    store.sessions(),
):
    assert len(made), made
assert lm.compare_fill(session)
calibration = lm.calibrate(lm.simulate(minutes=4, seed=3, levels=40, volatility=4.0), view=10)
assert 0 < calibration.best.error < 1
assert calibration.plot() is not None
assert lm.Calibration.from_record(calibration.to_record()).best == calibration.best
assert lm.transfer({"one": calibration, "same": calibration}).shape == (4, 2)
assert lm.picture(session, folder / "a.png").stat().st_size > 10_000
assert lm.heatmap(session) is not None
assert grid.liqmap.image() is not None
assert lm.explore(session).__panel__() is not None  # HoloViews brings Panel with it
assert all(f"class {part} " in component() for part in ("Stage", "Board", "Chart", "Painter"))
page = lm.standalone_html(session, folder / "page.html").read_text(encoding="utf-8")
assert all(word in page for word in ("function decodeBook", "--accent", "aria-label"))
assert "liqmap.Session" in session._repr_html_()

# ---------------------------------------------------------------------- what needs an extra, in one line
(folder / "a.dbn").write_bytes(b"DBN\x02" + bytes(300))
(folder / "b.nc").write_bytes(b"\x89HDF\r\n\x1a\n")
(folder / "b.zarr").mkdir()
(folder / "b.zarr" / "zarr.json").write_text("{}")
bucket = "s3://bucket/store"
NEEDS = {
    "lab": (lambda: lm.save_grid(grid, folder / "g.nc"), lambda: lm.open_grid(folder / "b.nc")),
    "scale": (lambda: lm.save_grid(grid, folder / "g.zarr"), lambda: lm.open_grid(folder / "b.zarr")),
    "formats": (lambda: lm.read(folder / "a.dbn"),),
    "live": (lambda: lm.live("bybit", "BTCUSDT", store=folder / "live"),),
    "remote": (
        lambda: lm.open_store(bucket),
        lambda: lm.ingest(raw, store=bucket),
        lambda: push(folder / "store", bucket),
        lambda: pull(bucket, folder / "pulled"),
    ),
}
for extra, calls in NEEDS.items():
    for call in calls:
        try:
            call()
        except lm.LiqmapError as error:
            said = str(error)
        else:
            said = "nothing"
        assert f"pip install 'liqmap[{extra}]'" in said, (extra, said)
        assert "\n" not in said, said
dbn = lm.ingest(folder / "a.dbn", store=folder / "store")
assert dbn.exit_code == 2, dbn
assert "liqmap[formats]" in str(dbn), str(dbn)

LEFT_OUT = {
    "fetch",  # asks an exchange
    "rasterize", "CarryModel", "HalfLife", "Survival", "HOLD", "DROP", "PRESETS", "Look",  # within others
    "Exponentials", "Mixture", "Presence", "PresenceRate",
    "fill_picture", "save_preset", "remove_preset",
    "Capture", "FetchReport", "FillComparison", "IngestReport", "Meta", "Quality", "Session", "Spans",
    "Store", "Footprint", "Live", "LiveSession", "Calibration",
    "Microprice",
}  # fmt: skip
used = pathlib.Path(__file__).read_text()
new = [name for name in lm.__all__ if name not in LEFT_OUT and f"lm.{name}" not in used]
print("not looked at:", *new)
print("wheel works")
