"""The command line: exit codes, one line on stderr, tables for people and JSON for programs."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.cli import main
from liqmap.render.frames.palettes import DARK, LIGHT
from liqmap.simulation import write_bybit

COMMANDS = ("demo", "fetch", "ingest", "info", "calibrate", "render", "app")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    write_bybit(lm.simulate(minutes=0.5, seed=5, keep_truth=False), folder)
    return folder


@pytest.fixture(scope="module")
def lines(raw: Path) -> list[bytes]:
    (archive,) = raw.glob("*.zip")
    with zipfile.ZipFile(archive) as packed:
        return packed.read(packed.namelist()[0]).splitlines(keepends=True)


@pytest.fixture
def store(raw: Path, tmp_path: Path) -> Path:
    assert main(["ingest", str(raw), "--store", str(tmp_path / "store")]) == 0
    return tmp_path / "store"


def _files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def _run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    capsys.readouterr()
    try:
        code = main([str(a) for a in argv])
    except SystemExit as stop:  # argparse
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, command, "--help")
    assert code == 0
    assert command in out


def test_clean_input_is_0(raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "ingest", raw, "--store", tmp_path / "s")
    assert code == 0
    assert "SIMUSDT" in out
    code, out, _ = _run(capsys, "ingest", raw, "--store", tmp_path / "s", "--json")
    rows = json.loads(out)["sources"]
    columns = "path format venue symbol feed kind status messages rows gaps rejected start end seconds"
    columns += " verified"
    assert code == 0
    assert all(list(row) == columns.split() for row in rows)
    assert {row["kind"] for row in rows} == {"depth", "trades"}
    code, out, _ = _run(capsys, "info", "--store", tmp_path / "s", "--json")
    assert code == 0
    assert {row["kind"] for row in json.loads(out)["sessions"]} == {"depth", "trades"}


def _missing(folder: Path, lines: list[bytes]) -> Path:
    return folder / "missing.zip"


def _empty(folder: Path, lines: list[bytes]) -> Path:
    (folder / "empty.ndjson").write_bytes(b"")
    return folder / "empty.ndjson"


def _text(folder: Path, lines: list[bytes]) -> Path:
    (folder / "readme.txt").write_text("To whom it may concern:\nnothing here.\n")
    return folder / "readme.txt"


def _zip(folder: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / "depth.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return folder / "depth.zip"


def _truncated(folder: Path, lines: list[bytes]) -> Path:
    path = _zip(folder, {"a.data": b"".join(lines)})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def _two_members(folder: Path, lines: list[bytes]) -> Path:
    return _zip(folder, {"a.data": b"".join(lines), "b.data": b"".join(lines)})


@pytest.mark.parametrize("make", [_missing, _empty, _text, _truncated, _two_members])
def test_nothing_usable_is_2_and_the_store_unchanged(
    make, store: Path, tmp_path: Path, lines: list[bytes], capsys: pytest.CaptureFixture[str]
) -> None:  # type: ignore[no-untyped-def]
    before = _files(store)
    path = make(tmp_path, lines)
    code, out, err = _run(capsys, "ingest", path, "--store", store)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert path.name in err
    assert "expected" in err
    assert _files(store) == before


def _cut(lines: list[bytes]) -> tuple[list[bytes], int]:
    return [*lines[:-1], lines[-1][: len(lines[-1]) // 2]], len(lines)


def _broken(lines: list[bytes]) -> tuple[list[bytes], int]:
    return [*lines[:20], b'{"topic":"orderbook\n', *lines[21:]], 21


def _with_size(size: str):  # type: ignore[no-untyped-def]
    def spoil(lines: list[bytes]) -> tuple[list[bytes], int]:
        message = json.loads(lines[30])
        message["data"]["b"] = [["65000.0", size]]
        return [*lines[:30], json.dumps(message).encode() + b"\n", *lines[31:]], 31

    return spoil


def _other_symbol(lines: list[bytes]) -> tuple[list[bytes], int]:
    return [*lines[:10], lines[10].replace(b"SIMUSDT", b"ELSEUSDT"), *lines[11:]], 11


def _added_symbol(lines: list[bytes]) -> tuple[list[bytes], int]:
    return [*lines[:10], lines[10].replace(b"SIMUSDT", b"ELSEUSDT"), *lines[10:]], 11


@pytest.mark.parametrize(
    "spoil", [_cut, _broken, _with_size("-1"), _with_size("NaN"), _other_symbol, _added_symbol]
)
def test_usable_with_losses_is_1(
    spoil, lines: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # type: ignore[no-untyped-def]
    spoiled, number = spoil(lines)
    (tmp_path / "linear.ndjson").write_bytes(b"".join(spoiled))
    code, out, err = _run(capsys, "ingest", tmp_path / "linear.ndjson", "--store", tmp_path / "s", "--json")
    (row,) = json.loads(out)["sources"]
    assert code == 1
    assert (row["status"], row["rejected"], row["gaps"]) == ("partial", 1, int(spoil is not _added_symbol))
    assert row["messages"] == len(spoiled) - 1
    assert f"linear.ndjson:{number}: " in err


def test_some_sources_failed_is_1(raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = _run(capsys, "ingest", *raw.iterdir(), tmp_path / "missing", "--store", tmp_path / "s")
    assert code == 1
    assert "missing" in err


def test_unwritable_store_is_2(raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    (archive,) = raw.glob("*.zip")
    code, _, err = _run(capsys, "ingest", archive, "--store", tmp_path / "file" / "store", "--venue", "bybit")
    assert code == 2
    assert err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "in the way"


def test_info__quality_says_what_a_reader_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,price,size,order_id,flags,sequence"
    acts = ["A,B,5.25,2,1", "A,A,5.50,2,2", "C,B,5.25,2,9"]
    rows = [
        f"{17034624 * 10**11 + n},{17034624 * 10**11 + n},160,1,7,{a},128,{n}" for n, a in enumerate(acts)
    ]
    (tmp_path / "x.csv").write_text("\n".join([head, *rows, ""]))
    main(["ingest", str(tmp_path / "x.csv"), "--store", str(tmp_path / "s")])
    told = json.loads(_run(capsys, "info", "--store", tmp_path / "s", "--quality", "--json")[1])
    assert [source["counted"] for source in told["sources"]] == ["unknown cancels: 1"]


@pytest.mark.parametrize(
    "options",
    [
        ["--symbol", "NOPE"],
        ["--half-life", "-3s"],
        ["--half-life", "0s"],
        ["--half-life", "soon"],
        ["--prune", "-1min"],
        ["--start", "2026-01-05 01:00", "--end", "2026-01-05 00:00"],
        ["--start", "yesterday-ish"],
        ["--agg", "median"],
        ["--width", "0"],
        ["--width", "wide"],
        ["-o", "picture.bmp"],
        ["--width", "8001", "--height", "8000"],
        ["-o", "nowhere/picture.png"],
        ["-o", "nowhere/picture.html"],
        ["--nonsense"],
        ["--theme", "dusk"],
        ["--palette", "rainbow"],
        ["--scaling", "cubic"],
        ["--carried", "x"],
        ["--overlays", "bbo,x"],
        ["--panels", "x"],
        ["--time-zone", "Mars/Olympus"],
        ["--preset", "x"],
    ],
)
def test_bad_render_is_2_and_draws_nothing(
    options: list[str], store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out_file = tmp_path / "out.png"
    base = ["render", "--store", store, "--venue", "bybit", "--symbol", "SIMUSDT", "-o", out_file]
    code, out, err = _run(capsys, *base, *options)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert not out_file.exists()


@pytest.mark.parametrize("suffix", ["png", "html"])
def test_render(suffix: str, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"heat.{suffix}"
    size = ("--width", 800, "--height", 450) if suffix == "png" else ()
    code, out, _ = _run(
        capsys, "render", "--store", store, "--venue", "bybit", "--symbol", "SIMUSDT", "--agg", "mean",
        "--half-life", "10s", "--prune", "none", *size, "-o", path, "--json",
    )  # fmt: skip
    assert code == 0
    assert json.loads(out)["bytes"] == path.stat().st_size > 10_000
    assert json.loads(out).get("resolution") == {"png": None, "html": "none"}[suffix]
    if suffix == "png":
        assert struct.unpack(">II", path.read_bytes()[16:24]) == (800, 450)


@pytest.mark.parametrize("option", ["--width", "--height"])
def test_render__a_page_has_no_size(
    option: str, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["render", "--store", store, "--venue", "bybit", "--symbol", "SIMUSDT"]
    code, out, err = _run(capsys, *base, "-o", tmp_path / "heat.html", option, 800)
    assert (code, out) == (2, "")
    assert err.startswith(f"liqmap render: {option}: expected beside a .png, got ")
    assert err.count("\n") == 1
    assert not (tmp_path / "heat.html").exists()


def test_render__with_panels_in_a_theme_and_a_zone(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "heat.png"
    base = ["render", "--store", store, "--venue", "bybit", "--symbol", "SIMUSDT"]
    size = ("--width", 800, "--height", 450)
    assert _run(capsys, *base, *size, "-o", path)[0] == 0
    plain = path.read_bytes()
    choices = [
        "--overlays", "candles,mid", "--panels", "ladder, profile,delta", "--theme", "light",
        "--palette", "classic",
        "--scaling", "equalised", "--carried", "hide", "--time-zone", "Europe/Berlin", "--preset", "default",
    ]  # fmt: skip
    assert _run(capsys, *base, *size, "-o", path, *choices)[0] == 0
    assert path.read_bytes() != plain


def test_render__draws_no_trade_below_the_smallest(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["render", "--store", store, "--venue", "bybit", "--symbol", "SIMUSDT", "--width", 400,
            "--height", 225]  # fmt: skip
    drawn = []
    for choices in (["--overlays", "bubbles"], ["--overlays", "bubbles", "--min-trade", "1e9"],
                    ["--overlays", ""]):  # fmt: skip
        path = tmp_path / f"{len(drawn)}.png"
        assert _run(capsys, *base, "-o", path, *choices)[0] == 0
        drawn.append(path.read_bytes())
    assert drawn[0] != drawn[1] == drawn[2]


def test_render__marks_alerts(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["render", "--store", store, "--venue", "bybit", "--symbol", "SIMUSDT", "--width", 400,
            "--height", 225, "--overlays", ""]  # fmt: skip
    drawn = []
    for conditions in ([], ["spread > 1e9"], ["spread > 1e9", "mid > 0"]):
        path = tmp_path / f"{len(drawn)}.png"
        said = [word for one in conditions for word in ("--alert", one)]
        assert _run(capsys, *base, "-o", path, *said)[0] == 0
        drawn.append(path.read_bytes())
    assert drawn[2] not in drawn[:2]
    code, _, err = _run(capsys, *base, "-o", path, "--alert", "imbalnce@5 > 1")
    assert (code, err.count("\n")) == (2, 1)
    assert "--alert: expected" in err
    assert "Did you mean imbalance@5?" in err


def test_render__options_that_a_page_can_honour(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "heat.html"
    base = ["render", "--store", store, "--venue", "bybit", "--symbol", "SIMUSDT", "-o", path]
    choices = ["--theme", "light", "--palette", "classic", "--scaling", "linear", "--carried", "hide",
               "--overlays", "bbo", "--min-trade", "2.5"]  # fmt: skip
    assert _run(capsys, *base, *choices)[0] == 0
    told = re.search(r'"choice":({.*?})', path.read_text(encoding="utf-8"))
    assert told is not None
    first = json.loads(told[1])
    names = ("theme", "palette", "scaling", "carriedShown", "bbo", "bubbles")
    assert [first[name] for name in names] == ["light", "classic", "linear", "hide", True, False]
    assert first["minTrade"] == 2.5
    for option, value, words in (
        ("--panels", "delta", "--panels: expected measures of the book in a page, such as imbalance@5, got"),
        ("--time-zone", "Asia/Tokyo", "--time-zone: expected beside a .png"),
        ("--alert", "mid > 1", "--alert: expected beside a .png"),
        ("--overlays", "bbo,sweeps", "--overlays: expected of bbo, mid, bubbles, candles, trust, vwap, poc"),
        ("--theme", "pink", "theme: expected"),
        ("--min-trade", "-1", "--min-trade: expected a size of 0 or more, got -1"),
        ("--min-trade", "much", "--min-trade: expected a number, got 'much'"),
    ):
        code, _, err = _run(capsys, *base, option, value)
        assert (code, err.count("\n")) == (2, 1)
        assert words in err


def test_render__names_the_overlays_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Written out, as the registry would make the help load numba and pandas; and so compared here."""
    from liqmap.render.marks.registry import overlays

    help_text = " ".join(_run(capsys, "render", "--help")[1].split())
    said = re.search(r"of ([\w, ]+) and, in a PNG, what --import adds", help_text)
    assert said is not None
    ours = [o for o in overlays().values() if o.chart is None or str(o.chart).startswith("liqmap.")]
    ours = [o for o in ours if o.offered]
    assert all(overlay.in_page for overlay in ours)
    assert set(said[1].split(", ")) == {overlay.name for overlay in ours}


OWN = """
from liqmap.render.marks.registry import Entry, Overlay, register

def picture(canvas, scene):
    canvas.axes.axhline(sum(scene.price_range) / 2, color="#ff00ff", zorder=9)
    return [Entry("the middle", (255, 0, 255), line=True)]

register(Overlay("middle", "middle of the picture", 50, lambda scene: None, picture))
"""


def test_render__draws_an_overlay_of_the_users(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from matplotlib.image import imread

    from liqmap.render.marks import registry

    (tmp_path / "own_marks.py").write_text(OWN)
    (tmp_path / "own_broken.py").write_text("import no_such_module\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if folder])
    monkeypatch.setattr(registry, "_KNOWN", dict(registry.overlays()))
    base = ["render", "--store", store.resolve(), "--venue", "bybit", "--symbol", "SIMUSDT", "-o", "own.png",
            "--width", 400, "--height", 240, "--overlays", "middle"]  # fmt: skip
    code, _, err = _run(capsys, *base)
    assert (code, err.count("\n")) == (2, 1)
    assert "'middle'" in err
    for name, words in (
        ("own_nothing", "got 'own_nothing': No module named 'own_nothing'"),
        ("own_broken", "got 'own_broken': No module named 'no_such_module'"),
        ("own_marks.py", "got 'own_marks.py'"),
        ("", "got ''"),
    ):
        code, _, err = _run(capsys, *base, "--import", name)
        assert (code, err.count("\n"), Path("own.png").exists()) == (2, 1, False)
        expected = "liqmap render: --import: expected the name of a module, such as my_overlays, "
        assert err == f"{expected}{words}\n"
    assert _run(capsys, *base, "--import", "own_marks")[0] == 0
    del sys.modules["own_marks"]
    assert (imread("own.png")[..., :3] == [1.0, 0.0, 1.0]).all(axis=-1).any()


def test_app__imports_before_it_serves(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = _run(capsys, "app", "--import", "own_nothing")
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith("liqmap app: --import: expected the name of a module")


@pytest.mark.parametrize("typed", [("--half-life", "2min"), ("--prune", "none")])
def test_render__refuses_what_a_preset_would_replace(
    typed: tuple[str, str], store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = _run(
        capsys, "render", "--store", store, "--venue", "bybit", "--symbol", "SIMUSDT",
        "-o", tmp_path / "x.png", "--preset", "as transmitted", *typed,
    )  # fmt: skip
    assert code == 2
    assert f"{typed[0]}: expected none beside --preset 'as transmitted'" in err
    assert err.count("\n") == 1
    assert not list(tmp_path.glob("x.png"))


def test_info_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = _run(capsys, "info", "--store", tmp_path / "nowhere")
    assert code == 2
    assert err.count("\n") == 1
    (tmp_path / "empty").mkdir()
    code, out, _ = _run(capsys, "info", "--store", tmp_path / "empty")
    assert code == 0
    assert "liqmap demo" in out


def test_demo_without_serving(raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(raw, tmp_path / "sample")
    code, out, _ = _run(
        capsys, "demo", "--sample", tmp_path / "sample", "--store", tmp_path / "s", "--out", tmp_path / "out",
        "--no-serve",
    )  # fmt: skip
    assert code == 0
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"heatmap.png", "heatmap.html"}
    assert "heatmap.png" in out


def test_an_unexpected_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("liqmap.cli.commands.info.lm.open_store", lambda path: 1 / 0)
    monkeypatch.delenv("LIQMAP_TRACEBACK", raising=False)
    code, _, err = _run(capsys, "info", "--store", tmp_path)
    assert code == 2
    assert err.count("\n") == 1
    assert "ZeroDivisionError" in err
    monkeypatch.setenv("LIQMAP_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        main(["info", "--store", str(tmp_path)])


def test_a_closed_pipe_is_no_error(store: Path) -> None:
    command = f"{sys.executable} -m liqmap info --store {store} | true"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.stderr == ""


@pytest.mark.parametrize("suffix", ["png", "html"])
def test_render__of_a_lone_message(
    suffix: str, lines: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.ndjson").write_bytes(lines[0])
    store, path = tmp_path / "s", tmp_path / f"heat.{suffix}"
    assert main(["ingest", str(tmp_path / "one.ndjson"), "--store", str(store), "--venue", "bybit"]) == 0
    code, _, err = _run(
        capsys, "render", "--store", store, "--venue", "bybit", "--symbol", "SIMUSDT", "-o", path
    )
    assert (code, err) == (0, "")
    assert path.stat().st_size > 10_000


def test_render__into_no_directory_says_which(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = _run(
        capsys, "render", "--store", store, "--venue", "bybit", "--symbol", "SIMUSDT", "-o", "nodir/x.png"
    )
    assert code == 2
    assert err == "liqmap render: nodir/x.png: the directory nodir does not exist. Make it first\n"


@pytest.mark.parametrize("port", ["99999999", "65536", "-1", "http"])
def test_app__port_out_of_range(port: str, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = _run(capsys, "app", "--store", store, "--port", port)
    assert code == 2
    assert err.count("\n") == 1
    assert f"expected a port from 0 to 65535, got '{port}'" in err


def test_app__port_in_use(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = _run(capsys, "app", "--store", store, "--port", port)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert f"127.0.0.1:{port}: the port is in use" in err


def test_info__quality_as_table_json_and_picture(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from matplotlib.image import imread

    path = tmp_path / "quality.png"
    code, out, _ = _run(capsys, "info", "--store", store, "--quality", "-o", path)
    assert code == 0
    assert "rejected lines" in out
    assert struct.unpack(">II", path.read_bytes()[16:24]) == (1600, 1000)
    light = tmp_path / "light.png"
    assert _run(capsys, "info", "--store", store, "--quality", "-o", light, "--theme", "light")[0] == 0
    corners = [tuple((imread(one)[2, 2, :3] * 255).round().astype(int)) for one in (path, light)]
    assert corners == [DARK.background, LIGHT.background]
    code, out, _ = _run(capsys, "info", "--store", store, "--quality", "--venue", "bybit", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["total"]["left"] <= told["total"]["removals"]
    assert {source["kind"] for source in told["sources"]} == {"depth", "trades"}
    assert told["gaps"] == []


def test_info__quality_counts_what_ingest_mended(
    lines: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoiled = [*lines[:20], b'{"topic":"orderbook\n', *lines[21:40], lines[39], *lines[40:]]
    (tmp_path / "linear.ndjson").write_bytes(b"".join(spoiled))
    assert main(["ingest", str(tmp_path / "linear.ndjson"), "--store", str(tmp_path / "s")]) == 1
    code, out, _ = _run(capsys, "info", "--store", tmp_path / "s", "--quality", "--json")
    told = json.loads(out)
    (source,) = told["sources"]
    assert code == 0
    assert (source["rejected"], source["repeats"], source["clamped"], source["gaps"]) == (1, 1, 0, 1)
    assert len(told["gaps"]) == 1
    (entry,) = json.loads(Path(source["side_file"]).read_text())
    assert entry["told"]["rejected"][0][0] == 21
    again = lm.ingest(tmp_path / "linear.ndjson", store=tmp_path / "s")
    assert [line for _, line, _ in again.rejected] == [21], "known sources are quoted again"


@pytest.mark.parametrize(
    "options",
    [
        ["-o", "x.png"],
        ["--feed", "ob1"],
        ["--theme", "dark"],
        ["--quality", "-o", "x.bmp"],
        ["--quality", "--feed", "ob1"],
        ["--quality", "-o", "x.png", "--theme", "pink"],
    ],
)
def test_info__bad_quality_is_2(options: list[str], store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _run(capsys, "info", "--store", store, *options)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1


def test_info__quality_of_a_single_message_is_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whose axis has a length: matplotlib warns of one without, and a warning fails."""
    lines = ["ts,side,price,size", "1700000000,bid,99,1", "1700000000,ask,101,1", ""]
    (tmp_path / "x.csv").write_text("\n".join(lines))
    argv = ["--venue", "kraken", "--symbol", "X", "--map", "layout=snapshots"]
    main(["ingest", str(tmp_path / "x.csv"), "--store", str(tmp_path / "s"), *argv])
    code, _, _ = _run(capsys, "info", "--store", tmp_path / "s", "--quality", "-o", tmp_path / "q.png")
    assert code == 0
    assert (tmp_path / "q.png").exists()


@pytest.mark.parametrize(
    "argv",
    [
        ["ingest", ""],
        ["ingest", "x", "--store", ""],
        ["info", "--store", ""],
        ["app", "--store", ""],
        ["demo", "--out", ""],
        ["store", "compact", "--store", ""],
    ],
)
def test_empty_path_is_2(
    argv: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(argv)
    assert stop.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(tmp_path.iterdir())
