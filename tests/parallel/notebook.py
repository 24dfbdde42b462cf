"""What a notebook does with twenty sessions, as a script: ``python notebook.py STORE WAYS...``.

Run as ``__main__``, its functions are sent whole to the workers, with the package that they name. It prints,
per way, the digest of every session's numbers and the process it was computed in.
"""

import hashlib
import json
import os
import pickle
import sys
from functools import partial

import pandas as pd

import liqmap as lm

WORKERS = 2


def measures(session):
    """The digest of what a researcher takes from a session, to the last bit."""
    grid = session.grid("1s", 2.0, parts=True)
    found = hashlib.sha256()
    for name in sorted(map(str, grid.data_vars)):
        found.update(grid[name].to_numpy().tobytes())
    bbo = session.bbo()
    found.update(bbo.drop(columns="ts").to_numpy().tobytes())
    found.update(bbo["ts"].to_numpy("int64").tobytes())
    found.update(
        lm.Spans.from_arrow(session.spans().to_arrow(), session.spans().window).sides[0].size.tobytes()
    )
    found.update(grid.liqmap.depth(bps=5)["depth"].to_numpy().tobytes())
    return [session.time_range[0].item(), found.hexdigest(), os.getpid()]


def serial(sessions):
    return [measures(session) for session in sessions]


def loky(sessions):
    from joblib import Parallel, delayed

    return Parallel(n_jobs=WORKERS)(delayed(measures)(session) for session in sessions)


def joblib_threads(sessions):
    from joblib import Parallel, delayed

    return Parallel(n_jobs=WORKERS, prefer="threads")(delayed(measures)(session) for session in sessions)


def dask(sessions, scheduler):
    from dask import compute, delayed

    jobs = [delayed(measures)(session) for session in sessions]
    return list(compute(*jobs, scheduler=scheduler, num_workers=WORKERS))


WAYS = {
    "serial": serial,
    "loky": loky,
    "joblib threads": joblib_threads,
    "dask processes": partial(dask, scheduler="processes"),
    "dask threads": partial(dask, scheduler="threads"),
}


def twenty(store):
    """Twenty sessions of equal length, one after the other."""
    whole = store.session("bybit", "SIMUSDT")
    edges = pd.date_range(*whole.time_range, periods=21)
    return [store.session("bybit", "SIMUSDT", start=a, end=b) for a, b in zip(edges, edges[1:])]


def main(path, ways):
    store = lm.open_store(path)
    found = {"here": os.getpid()}
    for way in ways:
        sessions = twenty(store)
        found[way] = WAYS[way](sessions)
        found.setdefault("pickles", []).extend(len(pickle.dumps(session)) for session in sessions)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
