"""A forked worker (multiprocessing, Dask) has threads of its own."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

import liqmap as lm


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_rasterize_after_a_fork() -> None:
    spans = lm.replay(lm.simulate(minutes=0.1, seed=1, keep_truth=False).depth)
    times = np.linspace(spans.begin, spans.last, 20).astype(np.int64).view("datetime64[ns]")
    prices = np.linspace(64_900, 65_100, 20)
    lm.rasterize(spans, times, prices)  # the parent's pool is up
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        lm.rasterize(spans, times, prices)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
