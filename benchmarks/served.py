"""What `bench_served` asks: ``python -m benchmarks.served ours|plain STORE`` serves until it is ended.

The plain one is the original algorithm behind the same framework, word by word: it holds the snapshots of the
window already, summed by bucket, as no request should pay for that; each request fills them forward in Python
and answers as JSON.
"""

from __future__ import annotations

import sys
from typing import Any

import liqmap as lm

from .bench_fill import plain_fill

MARKET = ("bybit", "SIMUSDT")


def ours(store: str) -> Any:
    """The server of liqmap."""
    from liqmap.server import make_api

    return make_api(store)


def plain(store: str) -> Any:
    """The original algorithm as a server."""
    import numpy as np
    from fastapi import FastAPI

    session = lm.open_store(store).session(*MARKET)
    frame = lm.snapshots(session, "500ms", 100)
    ms = frame["ts"].astype("datetime64[ms, UTC]").astype("int64")
    frame = frame.assign(time=ms // 5000 * 5000, price=np.floor(frame["price"] + 1e-6))
    summed = frame.groupby(["time", "side", "price"], as_index=False)["size"].sum()
    app = FastAPI()

    @app.get("/heatmap")
    def heatmap(half_life_sec: float = 30.0, prune_sec: float = 300.0) -> dict[str, Any]:
        filled = plain_fill(summed, half_life_sec * 1000, prune_sec * 1000)
        return {"data": filled.to_dict("records")}

    return app


if __name__ == "__main__":
    import uvicorn

    made = {"ours": ours, "plain": plain}[sys.argv[1]](sys.argv[2])
    config = uvicorn.Config(made, port=0, log_level="warning", access_log=False)

    class _Telling(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            print(self.servers[0].sockets[0].getsockname()[1], flush=True)

    _Telling(config).run()
