"""Days of an exchange's archive into a store: looked for, downloaded, ingested, in the order of the days."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict, Unpack

from liqmap.archives.catalogue import Wanted, wanted
from liqmap.archives.report import FetchedFile, FetchReport
from liqmap.archives.search import Found, IngestedNames, Search
from liqmap.ingestion import ingest
from liqmap.schema import FetchError, Keyword, Sentence
from liqmap.store import folder_to_write

PathLike = str | os.PathLike[str]


class Network(TypedDict, total=False):
    """Keywords of `fetch` that say how to ask the archives."""

    base_url: str | None
    """Stands for the hosts of the archives: a mirror with the same paths."""
    timeout: float
    """Seconds without a byte before a connection counts as broken; 30 by default."""
    retries: int
    """In a row without a new byte, with growing waits, before a file is given up; 5 by default."""
    max_bytes: int
    """The most that one file may have; 16 GB by default. A larger one is refused."""
    deadline: float | None
    """Seconds for one file, retries and waits included; 3,600 by default, None for no end. What came by then
    stays for the next fetch."""


FOLDER = ".fetch"
"""Of a store: files on their way, which go when they are ingested."""


def fetch(
    exchange: str,
    symbol: str,
    start: object,
    end: object,
    *,
    kind: str | Sequence[str] | None = None,
    market: str | None = None,
    store: PathLike | None = "data/store",
    keep: PathLike | None = None,
    jobs: int = 2,
    progress: bool | None = None,
    **network: Unpack[Network],
) -> FetchReport:
    """Get days of a public archive, and ingest them; what is there already is not downloaded again.

    Parameters
    ----------
    exchange : ``bybit`` or ``binance``.
    symbol : such as ``BTCUSDT``.
    start, end : first and last UTC day, both included: dates, times of any zone, or text such as
        ``2025-11-28``.
    kind : ``depth`` (Bybit), ``trades``, ``quotes`` (book tickers, Binance USD-M, 2023-05-16 to 2024-03-30),
        ``bookdepth`` (Binance futures), or several; by default depth, or trades where no depth is published.
        Of a day's depth the deepest file is taken.
    market : ``linear``, ``inverse``, ``spot`` (Bybit), ``um``, ``cm``, ``spot`` (Binance); by default the
        first.
    store : to ingest into, a directory or an address on object storage; None only downloads into ``keep``.
    keep : directory where the raw files stay, below the paths of the archive.
    jobs : downloads at once.
    progress : show a bar of the bytes; by default only on a terminal.
    **network : how to ask, see `Network`: ``base_url``, a mirror with the same paths as the archives;
        ``timeout``, seconds without a byte before a connection counts as broken (30); ``retries``, in a row
        without a new byte, with growing waits, before a file is given up (5); ``max_bytes`` of a file
        (16 GB); ``deadline``, seconds for a file with all retries (3,600).

    Returns
    -------
    What came of each day (``days``, ``errors``), and of each file ingested (``table``).

    Raises
    ------
    FetchError : no such exchange, market, kind, date or keyword, nowhere to put files, or no library for
        downloads.
    """
    _check_network(network)
    days = wanted(exchange, symbol, start, end, kind, market)
    if store is None and keep is None:
        raise FetchError(
            argument="store",
            expected=Sentence("a directory, or ", Keyword("keep")),
            got="neither",
            remedy="Say where the files should go",
        )
    how = _how(network, jobs)
    if importlib.util.find_spec("requests") is None:
        raise FetchError(
            where="fetch",
            expected="the package requests",
            remedy="Run: pip install 'liqmap[formats]'",
        )
    from liqmap.archives.transfer import Client

    if store is not None:
        store = folder_to_write(store)
    folder = Path(keep) if keep is not None else Path(store or "") / FOLDER
    report = FetchReport()
    with _Bar(progress) as bar:
        client = Client(progress=bar.came, **how)
        search = Search(folder, network.get("base_url"), client)
        with _started(days, search, store, jobs) as found:
            _gather(found, store, keep is not None, report)
    return report


def _how(network: Network, jobs: int) -> dict[str, Any]:
    """The keywords of a client that were given.

    Raises
    ------
    FetchError : one is out of its bounds.
    """
    how = {name: value for name, value in network.items() if name != "base_url"}
    least = {"jobs": 1, "timeout": 1e-3, "retries": 0, "max_bytes": 1, "deadline": 1e-3}
    for name, value in {"jobs": jobs, **how}.items():
        if name == "deadline" and value is None:
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and value >= least[name]):  # type: ignore[operator]
            raise FetchError(argument=name, expected=f"a number of at least {least[name]}", got=repr(value))
    return how


def _check_network(network: Mapping[str, object]) -> None:
    """A name that is none must not be passed over in silence."""
    for name in sorted(network.keys() - Network.__annotations__.keys()):
        known = ", ".join(sorted(Network.__annotations__))
        raise FetchError(argument=name, expected=f"one of the keywords {known}", got="an unknown one")


def _gather(
    found: Iterable[tuple[Wanted, Found]], store: PathLike | None, keep: bool, report: FetchReport
) -> None:
    """The files into the report and, as they come, into the store."""
    first: dict[str, FetchedFile] = {}
    for day, (file, error) in found:
        report.files.append(file)
        if first.setdefault(file.url, file) is not file and not error:
            file.status = first[file.url].status  # a month came with its first day
        if error:
            report.fail(error)
        elif file.path is not None and store is not None:
            _ingest(day, file, Path(store), keep, report)


def _ingest(day: Wanted, file: FetchedFile, store: Path, keep: bool, report: FetchReport) -> None:
    """One file into the store; then it goes, unless it is kept.

    Where the store did not accept it, it stays for the next fetch: a full disk must not cost the download.
    """
    path = Path(file.path or "")
    own = ingest(path, store=store, venue=day.venue, symbol=day.symbol, progress=False)
    if own.exit_code == 2:
        file.status = "failed"
    report.add(own)
    if not keep and not own.not_stored:
        path.unlink()
        file.path = None
        _remove_empty(path.parent, store)


def _remove_empty(folder: Path, store: Path) -> None:
    """Folders of files on their way that hold none any more."""
    while folder != store and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


@contextmanager
def _started(
    days: Sequence[Wanted], search: Search, store: PathLike | None, jobs: int
) -> Iterator[Iterable[tuple[Wanted, Found]]]:
    """The days as they are found, in their order; downloads run at most ``2 * jobs`` files ahead."""
    have = IngestedNames(store)
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="liqmap-fetch")

    def found() -> Iterator[tuple[Wanted, Found]]:
        line: deque[tuple[Wanted, Future[Found]]] = deque()
        for day in days:
            line.append((day, pool.submit(search.find, day, have.of(day))))
            if len(line) >= 2 * jobs:
                first, future = line.popleft()
                yield first, future.result()
        for first, future in line:
            yield first, future.result()

    try:
        yield found()
    finally:
        search.client.stop.set()
        pool.shutdown(cancel_futures=True)


class _Bar:
    """A progress bar over the bytes that come, or silence."""

    def __init__(self, shown: bool | None) -> None:
        self._bar: Any = None
        if shown if shown is not None else sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(unit="B", unit_scale=True, desc="fetch")

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def came(self, count: int) -> None:
        if self._bar is not None:
            self._bar.update(count)
