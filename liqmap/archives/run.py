"""Days of an exchange's archive into a store: looked for, downloaded, ingested, in the order of the days."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from liqmap.archives.catalogue import Place, Wanted, wanted
from liqmap.archives.months import Months
from liqmap.archives.report import FetchedFile, FetchReport
from liqmap.ingestion import ingest
from liqmap.schema import FetchError
from liqmap.store.parts import list_parts

PathLike = str | os.PathLike[str]

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
    base_url: str | None = None,
    jobs: int = 2,
    timeout: float = 30.0,
    retries: int = 5,
    progress: bool | None = None,
) -> FetchReport:
    """Get days of a public archive, and ingest them; what is there already is not downloaded again.

    Parameters
    ----------
    exchange : ``bybit`` or ``binance``.
    symbol : such as ``BTCUSDT``.
    start, end : first and last UTC day, both included: dates, times of any zone, or text such as
        ``2025-11-28``.
    kind : ``depth`` (Bybit), ``trades``, ``bookdepth`` (Binance futures), or several; by default depth,
        or trades where no depth is published. Of a day's depth the deepest file is taken.
    market : ``linear``, ``inverse``, ``spot`` (Bybit), ``um``, ``cm``, ``spot`` (Binance); by default the
        first.
    store : to ingest into; None only downloads into ``keep``.
    keep : directory where the raw files stay, below the paths of the archive.
    base_url : stands for the hosts of the archives: a mirror with the same paths.
    jobs : downloads at once.
    timeout : seconds without a byte before a connection counts as broken.
    retries : in a row without a new byte, with growing waits, before a file is given up.
    progress : show a bar of the bytes; by default only on a terminal.

    Returns
    -------
    What came of each day (``days``, ``errors``), and of each file ingested (``table``).

    Raises
    ------
    FetchError : no such exchange, market, kind or date, nowhere to put files, or no library for downloads.
    """
    days = wanted(exchange, symbol, start, end, kind, market)
    if store is None and keep is None:
        raise FetchError("fetch: expected a store or keep=, got neither. Say where the files should go")
    for name, value, least in (("jobs", jobs, 1), ("timeout", timeout, 1e-3), ("retries", retries, 0)):
        if not value >= least:
            raise FetchError(f"{name}: expected a number of at least {least}, got {value!r}")
    if importlib.util.find_spec("requests") is None:
        raise FetchError("fetch: expected the package requests. Run: pip install 'liqmap[formats]'")
    folder = Path(keep) if keep is not None else Path(store or "") / FOLDER
    report = FetchReport()
    with _Bar(progress) as bar, _started(days, store, folder, base_url, jobs, timeout, retries, bar) as found:
        first: dict[str, FetchedFile] = {}
        for day, file, error in found:
            report.files.append(file)
            if first.setdefault(file.url, file) is not file and not error:
                file.status = first[file.url].status  # a month came with its first day
            if error:
                report.errors.append(error)
            elif file.path is not None and store is not None:
                _ingest(day, file, Path(store), keep is not None, report)
    return report


def _ingest(day: Wanted, file: FetchedFile, store: Path, keep: bool, report: FetchReport) -> None:
    """One file into the store; then it goes, unless it is kept.

    Where the store would not take it, it stays for the next fetch: a full disk must not cost the download.
    """
    path = Path(file.path or "")
    own = ingest(path, store=store, venue=day.venue, symbol=day.symbol, progress=False)
    if own.exit_code == 2:
        file.status = "failed"
    report.add(own)
    if not keep and not own.untaken:
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
    days: Sequence[Wanted],
    store: PathLike | None,
    folder: Path,
    base_url: str | None,
    jobs: int,
    timeout: float,
    retries: int,
    bar: _Bar,
) -> Iterator[Iterable[tuple[Wanted, FetchedFile, str | None]]]:
    """The days as they are found, in their order; downloads run at most ``2 * jobs`` files ahead."""
    from liqmap.archives.transfer import Manners

    manners = Manners(timeout=timeout, retries=retries, progress=bar.came)
    have, months = _Ingested(store), Months()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="liqmap-fetch")

    def found() -> Iterator[tuple[Wanted, FetchedFile, str | None]]:
        line: deque[tuple[Wanted, Future[tuple[FetchedFile, str | None]]]] = deque()
        for day in days:
            line.append((day, pool.submit(_find, day, have.of(day), folder, base_url, manners, months)))
            if len(line) >= 2 * jobs:
                first, future = line.popleft()
                yield first, *future.result()
        for first, future in line:
            yield first, *future.result()

    try:
        yield found()
    finally:
        manners.stop.set()
        pool.shutdown(cancel_futures=True)


def _find(
    day: Wanted, ingested: set[str], folder: Path, base_url: str | None, manners: Any, months: Months
) -> tuple[FetchedFile, str | None]:
    """The best file of a day: from the store, the folder, or the archive; and a line if there is none."""

    def file(place: Place, status: str, **more: Any) -> FetchedFile:
        return FetchedFile(day.date, day.kind, place.url(base_url), status, **more)

    with months.turn(day):
        for place in day.places:
            if place.name in ingested:
                return file(place, "ingested"), None
        if (taken := months.has(day)) is not None:
            return file(taken, "fetched"), None
        double = months.days_of(day, ingested)
        places = [place for place in day.places if not (place.month and double)]
        for place in places:
            if (folder / place.path).is_file():
                months.took(day, place)
                return file(place, "kept", path=str(folder / place.path)), None
        found = _download(day, places, folder, base_url, manners, months, file)
    if found is not None:
        return found
    if double:
        month = next(place for place in day.places if place.month)
        return file(month, "failed"), (
            f"{day}: expected {day.places[0].name} in the archive, got at most its month, {month.name}, "
            f"which would double {double}. Fetch the month into a store without its days"
        )
    names = " or ".join(p.name for p in day.places)
    return file(day.places[-1], "missing"), (
        f"{day}: expected {names} in the archive, got 404. Check symbol, market and date; the latest day "
        "appears some hours after it ends"
    )


def _download(
    day: Wanted,
    places: Sequence[Place],
    folder: Path,
    base_url: str | None,
    manners: Any,
    months: Months,
    file: Callable[..., FetchedFile],
) -> tuple[FetchedFile, str | None] | None:
    """The best file that the archive has of a day, and a line if it did not come; None if there is none."""
    from liqmap.archives.download import download
    from liqmap.archives.transfer import Missing

    begun = time.perf_counter()
    for place in places:
        path = folder / place.path
        try:
            came = download(place.url(base_url), path, manners, checksum=place.checksum)
        except Missing:
            continue
        except FetchError as error:
            return file(place, "failed"), f"{day}: {error}"
        except OSError as error:
            return file(place, "failed"), (
                f"{day}: {path}: expected a place to write, got {error.strerror or error}. Choose another"
            )
        months.took(day, place)
        seconds = round(time.perf_counter() - begun, 3)
        return file(place, "fetched", path=str(path), bytes=came, seconds=seconds), None
    return None


class _Ingested:
    """Names of the files that a market's table was made of."""

    def __init__(self, store: PathLike | None) -> None:
        self._store = store
        self._names: dict[tuple[str, str, str], set[str]] = {}

    def of(self, day: Wanted) -> set[str]:
        market = day.table, day.venue, day.symbol
        if market not in self._names:
            there = self._store is not None and Path(self._store).is_dir()
            parts = list_parts(Path(self._store), *market) if self._store is not None and there else ()
            self._names[market] = {source.name for part in parts for source in part.meta.sources}
        return self._names[market]


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
