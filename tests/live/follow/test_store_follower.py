"""A store that is written, looked at now and then: the session is that of the store at each look."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.live.follow import LiveSession
from liqmap.live.follow.store_follower import StoreFollower
from liqmap.live.market import Market
from liqmap.schema import int64
from liqmap.store import compact
from tests.live.follow.taking import message_cuts, pieces
from tests.live.follow.test_session import agree
from tests.session.depth_store import slowly, write_source
from tests.strategies import st_messages, to_depth_table

WRITE = """
import sys
from pathlib import Path
import pyarrow as pa
from tests.session.depth_store import write_source
write_source(Path(sys.argv[1]), "other", pa.ipc.open_file(sys.argv[2]).read_all(), follows=int(sys.argv[3]))
"""


def followed(root: Path) -> StoreFollower:
    session = LiveSession(root, "test", "TEST", look_back=None)
    return StoreFollower(root, Market("test", "TEST"), session)


def as_stored(session: LiveSession):
    start = pd.Timestamp(session.start, tz="UTC")
    return lm.open_store(session.path).session("test", "TEST", start=start, look_back=None)


@given(data=st.data(), hours=st.sampled_from([1, 7]))
@settings(deadline=None, max_examples=10)
def test_look__is_the_session_of_the_store(data, hours: int) -> None:
    messages, n = data.draw(st_messages())
    depth = to_depth_table(slowly(messages, hours * 3600), n)
    with TemporaryDirectory() as folder:
        root, seq = Path(folder) / "store", -1
        follower = followed(root)
        assert not follower.look()
        for number, piece in enumerate(
            pieces(depth, data.draw(st.sets(st.sampled_from(message_cuts(depth).tolist()))))
        ):
            write_source(root, str(number), piece, follows=seq)
            seq = int(int64(piece["seq"])[-1])
            if data.draw(st.booleans()):
                compact(root)
            if data.draw(st.booleans()):
                continue
            follower.look()
            if follower.session.last:
                agree(follower.session.spans(), as_stored(follower.session).spans())
                limit = data.draw(st.sampled_from([None, 1]))
                agree(follower.session.spans(limit), as_stored(follower.session).spans(limit))
        assert not follower.status.error


def test_look__a_store_that_another_process_writes(tmp_path: Path) -> None:
    depth = lm.simulate(minutes=1, seed=6, keep_truth=False).depth.combine_chunks()
    meta = lm.Meta.from_metadata(depth.schema.metadata)
    half = int(message_cuts(depth)[300])
    root = tmp_path / "store"
    write_source(root, "first", depth.slice(0, half))
    session = LiveSession(root, meta.venue, meta.symbol, look_back=None)
    follower = StoreFollower(root, Market(meta.venue, meta.symbol), session)
    assert follower.look()
    assert not follower.look()
    agree(session.spans(), lm.replay(depth.slice(0, half)))
    rest = depth.slice(half)
    with pa.ipc.new_file(str(tmp_path / "rest.arrow"), rest.schema) as file:
        file.write_table(rest)
    seq = int(int64(depth["seq"])[half - 1])
    subprocess.run(
        [sys.executable, "-c", WRITE, str(root), str(tmp_path / "rest.arrow"), str(seq)], check=True
    )
    version = session.version
    assert follower.look()
    assert session.version > version
    agree(session.spans(), lm.replay(depth))
    assert session.depth().num_rows == int((int64(depth["ts"]) >= session.start).sum())
    assert follower.status.state == "live"
