"""A feed taken message by message costs what its spans cost, not what each call touched."""

from __future__ import annotations

import numpy as np

import liqmap as lm
from liqmap.schema import Meta
from liqmap.spans import Replayer


def test_message_by_message_is_the_same_and_keeps_no_scratch() -> None:
    depth = lm.simulate(minutes=2, seed=3, keep_truth=False).depth.combine_chunks()
    cuts = np.append(np.flatnonzero(np.diff(depth["seq"].to_numpy(), prepend=-1)), depth.num_rows)
    replayer = Replayer(Meta.from_metadata(depth.schema.metadata))
    for begin, end in zip(cuts[:-1], cuts[1:]):
        replayer.feed(depth.slice(begin, end - begin))
    spans, whole = replayer.spans(), lm.replay(depth)
    assert spans.to_arrow().equals(whole.to_arrow())
    assert spans.window.equals(whole.window)
    kept = [part for side in replayer._sides for part in (*side.spans, *side.steps)]
    assert len(kept) < 500
    held = sum((part if part.base is None else part.base).nbytes for part in kept)
    assert held < 2 * sum(part.nbytes for part in kept)
