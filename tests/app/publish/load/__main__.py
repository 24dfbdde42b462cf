"""A published server under load: ``make crowd``, or

    python -m tests.app.publish.load --loops 200 --visitors 50 --minutes 3 --half-open 200

Somebody logs in, then: visitors come and go; many stay, and move a slider every few seconds, while others
come and go; connections are begun and left half-open; the server is killed and started again. A line for each
says memory, descriptors and how soon the server told its health, ten times a second; the last say what does
not hold. Exits with 1 then.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import liqmap as lm
from liqmap.app.publish.login.passwords import set_password
from tests.app.publish.guest import Guest
from tests.app.publish.load import phases
from tests.app.publish.load.watched import Server, Watch

PASSWORD = "correct horse battery"
GROWTH, SLACK_MB = 1.10, 10.0
"""What is flat: memory that grows by no more. Sessions are rings of objects, which lie about until Python
looks for garbage among the oldest, so that it grows for some hundred visitors, and then no more."""

DESCRIPTORS = 4
"""How many more there may be afterwards: files of the store, a connection that is closing."""

HEALTH_MS = 50.0
"""p95 of the health check at most."""

LEFT_S = 40.0
"""After which a server has forgotten who left: bokeh looks every 17 s for who has been away for 15."""

WARM = 0.25
"""Share of the loops after which memory counts: what is imported and compiled by then is so once."""


class Judged:
    """What was seen, line by line, and what of it does not hold."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def line(self, what: str, words: str) -> None:
        print(f"{what:<32}{words}", flush=True)

    def flat(self, what: str, before: float, after: float) -> str:
        """Words of memory before and after, MB."""
        if after > GROWTH * before + SLACK_MB:
            self.wrong.append(f"{what}: memory grew from {before:.0f} to {after:.0f} MB")
        return f"{before:.0f} -> {after:.0f} MB"

    def same(self, what: str, before: int, after: int) -> str:
        """Words of descriptors before and after."""
        if after > before + DESCRIPTORS:
            self.wrong.append(f"{what}: descriptors grew from {before} to {after}")
        return f"{before} -> {after} descriptors"

    def quick(self, what: str, p95: float) -> str:
        """Words of the health check."""
        if p95 >= HEALTH_MS:
            self.wrong.append(f"{what}: health check p95 {p95:.0f} ms, under {HEALTH_MS:.0f} asked for")
        return f"health p95 {p95:.1f} ms"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.app.publish.load", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--loops", type=int, default=200, help="of coming and going")
    parser.add_argument("--visitors", type=int, default=50, help="who stay")
    parser.add_argument("--minutes", type=float, default=3, help="that they stay")
    parser.add_argument(
        "--others-s", type=float, default=2, help="how often another comes and goes meanwhile"
    )
    parser.add_argument("--half-open", type=int, default=200, help="connections")
    parser.add_argument("--open-s", type=float, default=90, help="within which half-open ones are closed")
    parser.add_argument("--left-s", type=float, default=LEFT_S, help="after which who left is forgotten")
    parser.add_argument("--market-minutes", type=float, default=10, help="of the market that is looked at")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        judged = _run(options, Path(folder))
    load = " ".join(f"{one:.2f}" for one in os.getloadavg())
    print(f"load average of the machine, {os.cpu_count()} cores: {load}")
    for one in judged.wrong:
        print(f"does not hold: {one}")
    return int(bool(judged.wrong))


def _run(options: argparse.Namespace, folder: Path) -> Judged:
    from liqmap.simulation import write_bybit

    raw = write_bybit(lm.simulate(minutes=options.market_minutes, seed=1, keep_truth=False), folder / "raw")
    lm.ingest(raw, store=folder / "store")
    (folder / "logins").mkdir()
    passwords = folder / "logins" / "passwords.json"
    set_password(passwords, "ann", PASSWORD)
    given = (
        "--store",
        str(folder / "store"),
        "--basic-auth",
        str(passwords),
        "--prefix",
        "/charts",
        "--read-only",
    )
    server, judged = Server(folder, *given), Judged()
    try:
        with Watch(server).watching() as watch:
            asyncio.run(_load(options, server, watch, judged))
    finally:
        code = server.end()
    if code != 0:
        judged.wrong.append(f"it ended with {code} when it was asked to end")
    for word in ("Traceback", PASSWORD):
        if word in server.said:
            judged.wrong.append(f"its log holds {word!r}: {server.said[-2000:]}")
    return judged


async def _load(options: argparse.Namespace, server: Server, watch: Watch, judged: Judged) -> None:
    guest = Guest(server.url)
    assert (await guest.login("ann", PASSWORD)).status in (302, 303)
    await phases.warm(guest)
    await _loops(options, guest, server, watch, judged)
    await _crowd(options, guest, server, watch, judged)
    if options.half_open:
        await _half_open(options, guest, server, watch, judged)
    begin = time.time()
    lost = await phases.killed(guest, server)
    judged.line(
        "killed and started again", f"{', '.join(lost) or 'nobody noticed'}; {time.time() - begin:.1f} s"
    )
    judged.wrong += [f"killed: who had logged in has lost {one}" for one in lost]


async def _loops(
    options: argparse.Namespace, guest: Guest, server: Server, watch: Watch, judged: Judged
) -> None:
    warm = max(1, round(WARM * options.loops))
    await phases.come_and_go(guest, warm)
    await asyncio.sleep(options.left_s)
    before, begin = server.settled(), time.time()
    await phases.come_and_go(guest, options.loops - warm)
    end = time.time()
    await asyncio.sleep(options.left_s)
    after, what = server.settled(), f"{options.loops} loops"
    words = [judged.flat(what, before.memory, after.memory),
             judged.same(what, before.descriptors, after.descriptors),
             f"{1e3 * (end - begin) / max(1, options.loops - warm):.0f} ms each",
             f"health p95 {watch.slowest(begin, end):.1f} ms, without a pause: not judged"]  # fmt: skip
    judged.line(what, ", ".join(words))


async def _crowd(
    options: argparse.Namespace, guest: Guest, server: Server, watch: Watch, judged: Judged
) -> None:
    before = server.settled()
    begin, end, pictures = await phases.stay(guest, options.visitors, 60 * options.minutes, options.others_s)
    third, what = (end - begin) / 3, f"{options.visitors} visitors, {options.minutes:g} min"
    early, late = watch.memory(begin + third / 2, begin + third), watch.memory(end - third, end)
    words = [
        judged.flat(what, early, late),
        f"{pictures} pictures",
        judged.quick(what, watch.slowest(begin, end)),
    ]
    await asyncio.sleep(options.left_s)
    after = server.settled()
    words += [
        judged.same(what, before.descriptors, after.descriptors),
        f"{after.memory:.0f} MB when they left",
    ]
    judged.line(what, ", ".join(words))


async def _half_open(
    options: argparse.Namespace, guest: Guest, server: Server, watch: Watch, judged: Judged
) -> None:
    before, begin = server.settled(), time.time()
    closed, after_s = await phases.half_open(guest, options.half_open, options.open_s)
    end, what = time.time(), f"{options.half_open} half-open sockets"
    most = watch.descriptors(begin, end)
    if closed < options.half_open:
        judged.wrong.append(f"{what}: {options.half_open - closed} were open after {options.open_s:g} s")
    after = server.settled()
    words = [f"{closed} closed within {after_s:.0f} s", judged.flat(what, before.memory, after.memory),
             judged.same(what, before.descriptors, after.descriptors), f"{most} at most",
             judged.quick(what, watch.slowest(begin, end))]  # fmt: skip
    judged.line(what, ", ".join(words))


if __name__ == "__main__":
    sys.exit(main())
