"""``liqmap calibrate``: which half-life and prune fit a market."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import liqmap as lm
from liqmap.cli.arguments import Commands, add_json, path
from liqmap.cli.exit_codes import DONE
from liqmap.cli.printing import print_json, print_table, records
from liqmap.schema import GridError, Keyword, LiqmapError, Sentence, SessionError
from liqmap.terminal import say

if TYPE_CHECKING:
    import pandas as pd

    from liqmap.analytics import Calibration

OF_SESSIONS = ("feed", "start", "end")


def add(commands: Commands) -> None:
    """The command and its arguments."""
    parser = commands.add_parser("calibrate", help="which half-life and prune fit a market, and how well")
    parser.add_argument(
        "source", type=path, nargs="?", default="data/store", metavar="STORE_OR_FILE",
        help="a store, a directory or such as s3://bucket/store, or a raw file (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--venue", help="of several markets, or of a file that does not say")
    parser.add_argument("--symbol", help="of several markets")
    parser.add_argument("--feed", help="default: the deepest")
    parser.add_argument("--start", help="UTC, such as '2025-11-28 14:00'")
    parser.add_argument("--end", help="UTC")
    parser.add_argument(
        "--view", type=int, metavar="N",
        help="levels a side that a shallower feed would have (default: an eighth, a quarter, a half)",
    )  # fmt: skip
    parser.add_argument(
        "--target", choices=("median", "mean"),
        help="what a model is fitted to, judged by and recommended for: median, the least error (default), "
        "or mean, the least squares (l2); the best half-life is of the least error under both",
    )  # fmt: skip
    parser.add_argument("--every", help="distance of the instants judged (default: 1s)")
    parser.add_argument("-o", "--output", type=path, metavar="FILE", help="draw it as out.png or out.jpg")
    parser.add_argument("--theme", help="with --output: dark or light (default: dark)")
    parser.add_argument(
        "--save", action="store_true", help="keep it with the store: session.calibration gives it back"
    )
    parser.add_argument(
        "--transfer", action="store_true",
        help="instead, which market's half-life serves which: every market and UTC day of the store",
    )  # fmt: skip
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Calibrate one market, and print the answer, the errors and what came back."""
    from liqmap.analytics.calibration.slices import tables_of
    from liqmap.render.png.calibration_picture import calibration_picture
    from liqmap.render.png.writing import ENDINGS

    if args.output is not None and Path(args.output).suffix not in ENDINGS:
        raise LiqmapError(where=args.output, expected=f"a name that ends in {' or '.join(ENDINGS)}")
    if args.output is None and args.theme is not None:
        raise LiqmapError(argument="theme", expected="beside --output", got="it alone")
    if args.save and _is_file(args.source):
        raise LiqmapError(argument="save", expected="beside a store", got=args.source)
    asked = {"every": args.every, "target": args.target}
    options = {name: value for name, value in asked.items() if value is not None}
    if args.transfer:
        return _transfer(args, options)
    found = lm.calibrate(_source(args), args.view, **options)
    if args.save:
        lm.open_store(args.source).save_calibration(found)
    if args.output is not None:
        calibration_picture(found, args.output, theme=args.theme or "dark")
    if args.json:
        print_json(_told(found))
        return DONE
    say(found.title)
    say(found.sentence)
    if args.save:
        say("Saved with the store")
    without = found.table[found.table["prune"].isin(["none", "0s", ""])]
    tables = {"without a prune": without, **tables_of(found.views)}
    if found.by_age is not None:
        tables["by age of the level"] = found.by_age
    if found.learnt is not None:
        tables["what the fitted model learnt"] = found.learnt
    for title, table in tables.items():
        print()
        say(title)
        print_table(table.round(4))
    return DONE


def _transfer(args: Namespace, options: dict[str, Any]) -> int:
    """A table of errors: where a half-life was chosen, and where it is used. Days too short are told."""
    for name in ("save", "output", "start", "end", "target"):  # what is fitted is not in the table
        if getattr(args, name):
            raise LiqmapError(argument=name, expected="without --transfer", got="both")
    if _is_file(args.source):
        raise LiqmapError(argument="transfer", expected="beside a store", got=args.source)
    store, found = lm.open_store(args.source), []
    depth = _depth(args, store)
    for venue, symbol, day in sorted(set(zip(depth["venue"], depth["symbol"], depth["date"]))):
        begin = np.datetime64(day)
        session = store.session(venue, symbol, begin, begin + np.timedelta64(1, "D"), args.feed)
        try:
            found.append(lm.calibrate(session, args.view, **options))
        except GridError as error:
            say(f"{venue} {symbol} {day} is left out: {error.worded(args.wording)}", error=True)
    table = lm.transfer(found).reset_index()
    if args.json:
        print_json({"transfer": records(table)})
    else:
        print_table(table.round(dict.fromkeys(table.columns[3:], 4)))
    return DONE


def _depth(args: Namespace, store: lm.Store) -> pd.DataFrame:
    """The days of depth that are asked about."""
    have = store.sessions()
    depth = have[have["kind"] == "depth"]
    for column in ("venue", "symbol", "feed"):
        if getattr(args, column) is not None:
            depth = depth[depth[column] == getattr(args, column)]
    return depth


def _source(args: Namespace) -> Any:
    """The market of a store, or the capture of a file."""
    if _is_file(args.source):
        for name in OF_SESSIONS:
            if getattr(args, name) is not None:
                raise LiqmapError(argument=name, expected="beside a store", got=args.source)
        return lm.read(args.source, venue=args.venue, symbol=args.symbol)
    store = lm.open_store(args.source)
    depth = _depth(args, store)
    markets = sorted(set(zip(depth["venue"], depth["symbol"])))
    if len(markets) != 1:
        raise SessionError(
            where=args.source,
            expected="one market with depth",
            got=", ".join(" ".join(market) for market in markets) or "none",
            remedy=Sentence("Pass ", Keyword("venue"), " and ", Keyword("symbol")),
        )
    return store.session(*markets[0], args.start, args.end, args.feed)


def _is_file(source: str) -> bool:
    """Whether a raw file stands in the place of a store."""
    return "://" not in source and Path(source).is_file()


def _told(found: Calibration) -> dict[str, Any]:
    """A calibration as JSON has it: missing numbers are null."""
    market = {
        "venue": found.meta.venue,
        "symbol": found.meta.symbol,
        "view": found.view,
        "depth": found.depth,
    }
    names = "table", "views", "by_age", "reliability", "retention"
    lists = {name: records(getattr(found, name)) for name in names if getattr(found, name) is not None}
    best = _known(asdict(found.best))
    told = {"sentence": found.sentence, "levels": found.levels, "best": best, "fitted": _fitted(found)}
    told |= {"target": found.target, "rival": _rival(found), "carry": _carry(found)}
    beyond = None if found.beyond is None else _known(asdict(found.beyond))
    return market | told | {"beyond": beyond} | lists


def _rival(found: Calibration) -> dict[str, Any] | None:
    """The half-life that the fitted model is judged beside, and in which measure; null where none is."""
    from liqmap.analytics.calibration.words import MEASURE

    if found.rival is None:
        return None
    return dict(zip(("half_life", "prune"), found.rival)) | {"measure": MEASURE[found.target]}


def _carry(found: Calibration) -> dict[str, str]:
    """What `carry` draws by: the fitted model, or a half-life and prune."""
    model = "fitted" if found.recommended else "half-life"
    return {"model": model} | found.carry.attrs()


def _known(value: Any) -> Any:
    """A value as JSON has it: numbers that are none are null."""
    if isinstance(value, dict):
        return {name: _known(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_known(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _fitted(found: Calibration) -> dict[str, Any] | None:
    """The fitted model, whether it is recommended, and what it learnt; null where nothing was fitted."""
    from liqmap.carry import spell

    model = found.fitted
    if model is None or found.learnt is None:
        return None
    verdict = {name: getattr(found, name) for name in ("target", "recommended", "gain", "gain_interval")}
    parts = {name: getattr(model, name).tolist() for name in ("shares", "sizes", "distances")}
    half_lives = [spell(h) for h in model.half_lives]
    return verdict | {"half_lives": half_lives} | parts | {"learnt": records(found.learnt)}
