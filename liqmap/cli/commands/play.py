"""``liqmap play``: a recorded session served as an exchange."""

from __future__ import annotations

import argparse
import asyncio
import math
from typing import TYPE_CHECKING, Any

from liqmap.cli.arguments import Commands, add_json, number, path, port
from liqmap.cli.exit_codes import DONE
from liqmap.cli.printing import print_json
from liqmap.schema import LiqmapError
from liqmap.schema.times import spell
from liqmap.terminal import say

if TYPE_CHECKING:
    from liqmap.live.play import Exchange


def add(commands: Commands) -> None:
    """The command and its arguments."""
    parser = commands.add_parser("play", help="a recorded session served as an exchange")
    parser.add_argument(
        "sources",
        type=path,
        nargs="+",
        metavar="STORE|FILE",
        help="a store, or raw files of depth and trades",
    )
    parser.add_argument(
        "--as",
        dest="venue",
        required=True,
        metavar="VENUE",
        help="whose protocol: bybit, binance or kraken (bybit-spot, binance-futures, binance-delivery)",
    )
    parser.add_argument(
        "--market",
        action="append",
        metavar="VENUE/SYMBOL",
        help="which of several markets; repeatable (default: all of a file, the only one of a store)",
    )
    parser.add_argument("--feed", help="of a store, such as ob200 (default: the deepest)")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, help="times that of the recording, or `max` (default: 1)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="to listen on (default: %(default)s)")
    parser.add_argument("--port", type=port, default=8900, help="0 takes a free one (default: %(default)s)")
    parser.add_argument(
        "--wait-for",
        type=int,
        metavar="N",
        help="subscriptions before the clock starts (default: the first, and those soon after it)",
    )
    end = parser.add_mutually_exclusive_group()
    end.add_argument("--loop", action="store_true", help="begin anew at the end, as after a service restart")
    end.add_argument("--stay", action="store_true", help="stay open at the end, and silent")
    _add_faults(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def _add_faults(parser: argparse.ArgumentParser) -> None:
    wrong = parser.add_argument_group("what goes wrong")
    wrong.add_argument(
        "--fault",
        dest="faults",
        action="append",
        metavar="KIND@N[..M][:SECONDS]",
        help="at the market's depth messages N to M, or KIND@12.5s; repeatable. Kinds: drop, lose, double, "
        "reorder, late, restart, restart-empty, malformed, checksum, silence, drip",
    )
    wrong.add_argument("--faults", dest="script", choices=["random"], help="eight at random places")
    wrong.add_argument("--seed", type=int, default=0, help="of random faults (default: %(default)s)")


def _speed(text: str) -> float:
    """A number above 0, or ``max``."""
    return math.inf if text in ("max", "inf") else number(text)


def run(args: argparse.Namespace) -> int:
    """Serve until everything was sent, or until stopped."""
    from liqmap.live.play import Exchange, Fault, random_faults
    from liqmap.live.play.source import tapes_of

    if args.wait_for is not None and args.wait_for < 0:
        raise LiqmapError(argument="wait_for", expected="a number of 0 or more", got=str(args.wait_for))
    faults = [Fault.parse(text) for text in args.faults or ()]
    tapes = tapes_of(args.sources, args.market or (), args.feed)
    if args.script:
        faults += random_faults(args.seed, min(t.numbers for t in tapes), checksums=args.venue == "kraken")
    exchange = Exchange(
        tapes,
        args.venue,
        args.speed,
        args.port,
        faults,
        args.host,
        wait_for=args.wait_for,
        ending="loop" if args.loop else "stay" if args.stay else "close",
    )
    asyncio.run(_serve(exchange, args))
    return DONE


async def _serve(exchange: Exchange, args: argparse.Namespace) -> None:
    async with exchange:
        if args.json:
            print_json(_facts(exchange))
        else:
            _tell(exchange)
        progress = asyncio.create_task(_progress(exchange))
        try:
            await exchange.done.wait()
            if args.loop or args.stay:
                await asyncio.Event().wait()
        finally:
            progress.cancel()
    if exchange.failure is not None:
        raise exchange.failure
    if not args.json:
        say(f"sent {exchange.count:,} messages to {len(exchange.connections):,} connections")


def _facts(exchange: Exchange) -> dict[str, Any]:
    """What is served, for programs."""
    markets = [
        {
            "venue": exchange.venues[symbol],
            "symbol": symbol,
            "feed": played.tape.meta.feed,
            "source": f"{played.tape.venue}/{played.tape.symbol}",
            "messages": played.tape.numbers,
            "trades": played.tape.trades.num_rows if played.tape.trades is not None else 0,
        }
        for symbol, played in exchange.markets.items()
    ]
    return {
        "url": exchange.url,
        "rest_url": exchange.rest_url,
        "paths": list(exchange.paths),
        "start": spell(exchange.begin),
        "end": spell(exchange.end),
        "speed": exchange.clock.speed if math.isfinite(exchange.clock.speed) else None,
        "markets": markets,
        "faults": [str(fault) for fault in exchange.faults],
    }


def _tell(exchange: Exchange) -> None:
    """The same, for people."""
    facts = _facts(exchange)
    say(f"{exchange.url}  ({', '.join(facts['paths'])})  {exchange.rest_url}")
    for market in facts["markets"]:
        source = f"{market['venue']}/{market['symbol']}"
        taken = "" if market["source"] == source else f" from {market['source']}"
        feed = f" {market['feed']}" if market["feed"] else ""
        counts = f"{market['messages']:,} messages, {market['trades']:,} trades"
        say(f"{market['venue']} {market['symbol']}{taken}{feed}: {counts}")
    seconds = (exchange.end - exchange.begin) / 1e9
    speed = exchange.clock.speed
    pace = (
        f"{speed:g} times as fast, {seconds / speed:.0f} s" if math.isfinite(speed) else "as fast as it goes"
    )
    say(f"{facts['start']} to {facts['end']} UTC, {pace}; waits for the first subscription")
    if facts["faults"]:
        say(f"faults: {', '.join(facts['faults'])}")
    names = " ".join(f"{market['venue']}:{market['symbol']}" for market in facts["markets"])
    say(f"record it: liqmap record {names} --url {exchange.url} --store DIR", flush=True)


async def _progress(exchange: Exchange) -> None:
    """A bar on a terminal, in seconds of the recording; nothing in a pipe."""
    from tqdm import tqdm

    seconds = round((exchange.end - exchange.begin) / 1e9)
    with tqdm(total=seconds, unit="s", disable=None, leave=False) as bar:
        while True:
            await asyncio.sleep(0.5)
            bar.update(min((exchange.clock.now() - exchange.begin) / 1e9, seconds) - bar.n)
