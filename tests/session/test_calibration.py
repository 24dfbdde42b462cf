"""A calibration saved with a store: the session opens with it, and no picture goes by it unasked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from liqmap.analytics import Calibration
from liqmap.cli import main
from liqmap.schema import GridError, SessionError, StoreError, StoreWarning
from liqmap.simulation import write_bybit

MARKET = ("bybit", "SIMUSDT")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_bybit(lm.simulate(minutes=2, seed=3, levels=20, volatility=4.0, keep_truth=False), folder / "raw")
    lm.ingest(folder / "raw", store=folder / "store")
    return folder / "store"


@pytest.fixture(scope="module")
def found(made: Path) -> Calibration:
    return lm.open_store(made).session(*MARKET).calibrate(5)


@pytest.fixture
def store(made: Path) -> lm.Store:
    for path in made.glob("calibrations/*/*/*/*.json"):
        path.unlink()
    return lm.open_store(made)


def test_save__the_session_has_it(store: lm.Store, found: Calibration) -> None:
    session = store.session(*MARKET)
    assert session.calibration is None
    assert store.calibration(*MARKET) is None
    assert len(store.calibrations()) == 0
    path = store.save_calibration(found)
    assert path.is_relative_to(store.path / "calibrations")
    for again in (session.calibration, store.calibration(*MARKET), store.calibration(*MARKET, feed="ob20")):
        assert again is not None
        assert again.best == found.best
        assert again.measures.identical(found.measures)
        assert again.sentence == found.sentence
        assert again.reentries is None
    (row,) = store.calibrations().to_dict("records")
    assert (row["feed"], row["view"], row["depth"]) == ("ob20", 5, 20)
    assert (row["half_life"], row["error"]) == (found.best.half_life, found.best.error)
    assert row["start"] == pd.Timestamp(found.time_range[0], tz="UTC")


def test_save__replaces(store: lm.Store, found: Calibration) -> None:
    store.save_calibration(found)
    store.save_calibration(replace(found, levels=7))
    assert store.calibration(*MARKET).levels == 7
    assert len(store.calibrations()) == 1


def test_session__draws_by_it_only_where_told_to(store: lm.Store, found: Calibration) -> None:
    session = store.session(*MARKET)
    plain = session.grid("5s", 1.0)
    store.save_calibration(found)
    assert store.session(*MARKET).grid("5s", 1.0).identical(plain)
    by_it = session.grid("5s", 1.0, carry=session.calibration)
    assert by_it.identical(session.grid("5s", 1.0, carry=found.carry))
    rows = lm.ladder(session, session.time_range[1], carry=session.calibration)
    assert rows.equals(lm.ladder(session, session.time_range[1], carry=found.carry))


def test_another_market__is_refused(store: lm.Store, found: Calibration, tmp_path: Path) -> None:
    session = store.session(*MARKET)
    other = replace(found, meta=replace(found.meta, tick_size=0.5))
    says = r"expected the tick size that it was made for \(0\.5\), got 0\.1\. Calibrate this one"
    with pytest.raises(GridError, match=says):
        session.grid("5s", 1.0, carry=other)
    with pytest.raises(GridError, match=says):
        lm.ladder(session, session.time_range[1], carry=other)
    with pytest.raises(GridError, match=says):
        lm.heatmap(session, carry=other, dynamic=False)
    with pytest.raises(GridError, match=says):
        lm.picture(session, tmp_path / "a.png", carry=other)
    with pytest.raises(GridError, match=says):
        lm.standalone_html(session, tmp_path / "a.html", carry=other)
    with pytest.raises(GridError, match=says):
        lm.compare_fill(session, carry=other)
    assert lm.heatmap(session, carry=found, dynamic=False) is not None


def test_save__refuses(store: lm.Store, found: Calibration) -> None:
    with pytest.raises(StoreError, match="calibration: expected a Calibration"):
        store.save_calibration(found.carry)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="a feed of the store, got a calibration of bybit SIMUSDT ob500"):
        store.save_calibration(replace(found, meta=replace(found.meta, feed="ob500")))
    with pytest.raises(SessionError, match="expected a market of the store"):
        store.calibration("bybit", "NONE")


def test_damage__is_told(store: lm.Store, found: Calibration, capsys: pytest.CaptureFixture[str]) -> None:
    path = store.save_calibration(found)
    path.write_bytes(path.read_bytes().replace(b"fields", b"fielda"))
    with pytest.raises(StoreError, match="expected the calibration that was saved, got other bytes"):
        _ = store.session(*MARKET).calibration
    with pytest.warns(StoreWarning, match="other bytes than were written"):
        assert len(store.calibrations()) == 0
    assert store.session(*MARKET).grid("5s", 1.0) is not None


def test_one_of_another_feed__is_refused(store: lm.Store, found: Calibration) -> None:
    """Such as one whose file was copied by hand."""
    from liqmap.store import write_calibration

    other = replace(found, meta=replace(found.meta, symbol="OTHER"))
    write_calibration(store.path, (*MARKET, "ob20"), other.to_record())
    with pytest.raises(StoreError, match="got that of bybit OTHER ob20"):
        store.calibration(*MARKET)


def test_one_of_a_newer_liqmap__is_refused(store: lm.Store, found: Calibration) -> None:
    from liqmap.store import write_calibration

    write_calibration(store.path, (*MARKET, "ob20"), found.to_record() | {"version": 99})
    with pytest.raises(StoreError, match=r"calibration\.json: saved calibration: .* got 99\. Upgrade liqmap"):
        store.calibration(*MARKET)


# ---------------------------------------------------------------------- commands


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(a) for a in argv])
    return code, *capsys.readouterr()


def test_commands__save_and_show(store: lm.Store, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "info", "--store", store.path)
    assert code == 0
    assert "calibrations" not in out
    code, out, err = run(capsys, "calibrate", store.path, "--view", 5, "--save")
    assert (code, err) == (0, "")
    assert "Saved with the store" in out
    saved = store.calibration(*MARKET)
    assert saved is not None
    code, out, _ = run(capsys, "info", "--store", store.path)
    assert code == 0
    assert "calibrations" in out
    assert saved.best.prune in out
    told = json.loads(run(capsys, "info", "--store", store.path, "--json")[1])
    assert told["calibrations"][0]["half_life"] == saved.best.half_life
    assert np.isclose(told["calibrations"][0]["error"], saved.best.error)


def test_commands__save_needs_a_store(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (archive,) = (made.parent / "raw").glob("*.zip")
    code, out, err = run(capsys, "calibrate", archive, "--save")
    assert (code, out) == (2, "")
    assert "--save: expected beside a store" in err


def test_commands__transfer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = {"levels": 20, "volatility": 4.0, "keep_truth": False}
    for seed, symbol in ((3, "AUSDT"), (4, "BUSDT")):
        write_bybit(lm.simulate(minutes=2, seed=seed, symbol=symbol, **more), tmp_path / "raw")
    lm.ingest(tmp_path / "raw", store=tmp_path / "store")
    code, out, err = run(capsys, "calibrate", tmp_path / "store", "--transfer", "--view", 5, "--json")
    assert (code, err) == (0, "")
    rows = {row["chosen"]: row for row in json.loads(out)["transfer"]}
    assert list(rows) == ["bybit AUSDT", "bybit BUSDT", "never decay", "drop"]
    store = lm.open_store(tmp_path / "store")
    sessions = [store.session("bybit", symbol) for symbol in ("AUSDT", "BUSDT")]
    expected = lm.transfer(sessions, 5)
    assert rows["bybit AUSDT"]["bybit BUSDT"] == pytest.approx(expected.iloc[0, 1])
    code, out, _ = run(capsys, "calibrate", tmp_path / "store", "--transfer", "--view", 5)
    assert code == 0
    assert "never decay" in out
    code, _, err = run(capsys, "calibrate", tmp_path / "store", "--transfer", "--save")
    assert code == 2
    assert "--save: expected without --transfer" in err


def test_render__by_the_calibration_that_is_saved(
    store: lm.Store, found: Calibration, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["render", "--store", str(store.path), "--venue", MARKET[0], "--symbol", MARKET[1]]

    def said(*more: str) -> str:
        assert main([*options, *more]) == 2
        return capsys.readouterr().err

    png, page = tmp_path / "a.png", tmp_path / "a.html"
    assert "a calibration saved with the store, got none" in said("--calibrated", "-o", str(png))
    store.save_calibration(found)
    assert "no --half-life" in said("--calibrated", "--prune", "1min", "-o", str(png))
    assert "beside a .png" in said("--presence", "-o", str(page))
    assert not png.exists()
    assert main([*options, "--calibrated", "--presence", "-o", str(png)]) == 0
    expected = tmp_path / "b.png"
    lm.picture(store.session(*MARKET), expected, carry=found.carry, presence=found.presence)
    assert png.read_bytes() == expected.read_bytes()
    assert main([*options, "--calibrated", "-o", str(page)]) == 0


def test_presence__by_a_calibration_is_drawn_by_its_presence_and_refused_elsewhere(store, found, tmp_path):
    """In every medium: a picture, a heatmap, a grid of the session."""
    session = store.session(*MARKET)
    by_it, by_presence = (tmp_path / f"{name}.png" for name in ("it", "presence"))
    lm.picture(session, by_it, carry=lm.HOLD, presence=found)
    lm.picture(session, by_presence, carry=lm.HOLD, presence=found.presence)
    assert by_it.read_bytes() == by_presence.read_bytes()
    assert session.grid("5s", 1.0, presence=found).identical(session.grid("5s", 1.0, presence=found.presence))
    assert lm.heatmap(session, carry=lm.HOLD, presence=found) is not None
    other = replace(found, meta=replace(found.meta, symbol="OTHER"))
    for draw in (
        lambda: lm.picture(session, tmp_path / "no.png", presence=other),
        lambda: lm.heatmap(session, presence=other),
        lambda: session.grid("5s", 1.0, presence=other),
    ):
        with pytest.raises(GridError, match="presence: expected the market that it was made for"):
            draw()
    assert not (tmp_path / "no.png").exists()
