"""``liqmap calibrate``: the same answer as in Python, as tables, JSON and a picture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import liqmap as lm
from liqmap.cli import main
from liqmap.simulation import write_bybit


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    write_bybit(lm.simulate(minutes=2, seed=3, levels=20, volatility=4.0, keep_truth=False), folder)
    return folder


@pytest.fixture(scope="module")
def store(raw: Path) -> Path:
    lm.ingest(raw, store=raw.parent / "store")
    return raw.parent / "store"


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(a) for a in argv])
    return code, *capsys.readouterr()


def test_store_and_file__give_the_answer_of_python(
    raw: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (archive,) = raw.glob("*.zip")
    expected = lm.calibrate(lm.open_store(store).session("bybit", "SIMUSDT"), 5)
    for source in (store, archive):
        code, out, err = run(capsys, "calibrate", source, "--view", 5, "--json")
        told = json.loads(out)
        assert (code, err) == (0, "")
        assert told["best"]["half_life"] == expected.best.half_life
        assert told["best"]["error"] == pytest.approx(expected.best.error)
        assert (told["view"], told["depth"], told["levels"]) == (5, 20, expected.levels)
        assert len(told["table"]) == len(expected.table)
        assert told["retention"]
        assert told["fitted"]["recommended"] == expected.recommended
        assert told["fitted"]["gain"] == pytest.approx(expected.gain)
        best = {"half_life": expected.best.half_life, "prune": expected.best.prune}
        assert (told["target"], told["rival"]) == ("median", best | {"measure": "error"})
        assert told["carry"]["model"] == ("fitted" if expected.recommended else "half-life")
        assert told["carry"]["half_life"] == expected.carry.attrs()["half_life"]
        assert told["beyond"] is None
        np.testing.assert_allclose(told["fitted"]["shares"], expected.fitted.shares)
        assert len(told["fitted"]["learnt"]) == len(expected.learnt)
    code, out, _ = run(capsys, "calibrate", store, "--view", 5)
    assert code == 0
    assert expected.sentence in out
    assert "occupancy" in out


def test_target__the_mean_is_told_in_its_own_measure(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And without a view the answer says where the half-lives of the views lead."""
    _, out, _ = run(capsys, "calibrate", store, "--target", "mean", "--json")
    told = json.loads(out)
    expected = lm.calibrate(lm.open_store(store).session("bybit", "SIMUSDT"), target="mean")
    assert told["sentence"] == expected.sentence
    assert (told["target"], told["rival"]["measure"]) == ("mean", "l2")
    assert (told["rival"]["half_life"], told["rival"]["prune"]) == expected.rival
    assert told["beyond"]["half_life"] == expected.beyond.half_life
    assert told["beyond"]["interval"] == list(expected.beyond.interval)
    assert [row["fitted"] for row in told["views"]] == pytest.approx(expected.views["fitted"].tolist())


def test_picture(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for theme in ("dark", "light"):
        path = tmp_path / f"{theme}.png"
        assert run(capsys, "calibrate", store, "--view", 5, "-o", path, "--theme", theme)[0] == 0
        with Image.open(path) as image:
            assert image.size == (1600, 1330)
            assert (sum(image.convert("RGB").getpixel((2, 2))) > 384) == (theme == "light")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--view", "20"], "--view: expected fewer levels than the feed's 20"),
        (["--every", "0"], "--every: expected a duration above zero"),
        (["-o", "x.bmp"], "x.bmp: expected a name that ends in .png"),
        (["--theme", "light"], "--theme: expected beside --output"),
        (["--transfer", "--target", "mean"], "--target: expected without --transfer"),
        (["--venue", "kraken"], "expected one market with depth, got none. Pass --venue and --symbol"),
    ],
)
def test_bad_usage_is_2(
    options: list[str], says: str, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "calibrate", store, *options)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert says in err


def test_a_file_has_no_range(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (archive,) = raw.glob("*.zip")
    code, _, err = run(capsys, "calibrate", archive, "--start", "00:01")
    assert code == 2
    assert "--start: expected beside a store" in err
