"""What cannot be answered is refused in words, and tells nothing of the machine."""

from __future__ import annotations

import json

import pytest

import liqmap as lm
from liqmap.schema import LiqmapError, StoreError
from liqmap.server import Limits, make_api, read_tokens, serve
from liqmap.server.tokens import new_token
from tests.server.asking import Asker

HEATMAP = "/api/heatmap/bybit/depth"
MARKET = {"symbol": "AAAUSDT"}


@pytest.mark.parametrize(
    ("path", "asked", "status", "said"),
    [
        (HEATMAP, {}, 422, "symbol"),
        (HEATMAP, {"symbol": "../../etc/passwd"}, 422, "symbol"),
        ("/api/heatmap/..%2f..%2fetc/depth", MARKET, 422, "venue"),
        ("/api/heatmap/nobody/depth", MARKET, 404, "bybit/AAAUSDT"),
        (HEATMAP, {"symbol": "CCCUSDT"}, 404, "/api/sessions"),
        (HEATMAP, {**MARKET, "feed": "ob9"}, 404, "bybit/AAAUSDT"),
        (HEATMAP, {**MARKET, "start_ts": 2, "end_ts": 1}, 422, "start_ts has to be before end_ts"),
        (HEATMAP, {**MARKET, "start_ts": 1, "end_ts": 2}, 404, "1970-01-01"),
        (HEATMAP, {**MARKET, "start_ts": "1" * 5000}, 422, "start_ts"),
        (HEATMAP, {**MARKET, "start_ts": 10**17}, 422, "4102444800000"),
        (HEATMAP, {**MARKET, "price_min": "nan"}, 422, "price_min"),
        (HEATMAP, {**MARKET, "price_min": "inf"}, 422, "price_min"),
        (HEATMAP, {**MARKET, "price_min": 5, "price_max": 4}, 422, "price_min has to be below price_max"),
        (HEATMAP, {**MARKET, "price_max": 1}, 422, "price_min and price_max"),
        (HEATMAP, {**MARKET, "half_life_sec": 0}, 422, "half_life_sec"),
        (HEATMAP, {**MARKET, "half_life_sec": "soon"}, 422, "half_life_sec"),
        (HEATMAP, {**MARKET, "time_bucket_sec": 0.001, "price_bucket": 0.1}, 413, "a time_bucket_sec of"),
        (HEATMAP, {**MARKET, "format": "png", "width": 8000, "height": 8000}, 413, "pixels"),
        (HEATMAP, {**MARKET, "format": "png", "method": "fill"}, 422, "carry"),
        (HEATMAP, {**MARKET, "format": "png", "width": 0}, 422, "width"),
        (HEATMAP, {**MARKET, "nothing": 1}, 422, "nothing"),
        (HEATMAP, {**MARKET, "venue": "bybit"}, 422, "venue"),
        (f"{HEATMAP}?symbol=AAAUSDT&symbol=BBBUSDT", {}, 422, "several"),
        (HEATMAP, {**MARKET, **{f"a{i}": i for i in range(1500)}}, 422, "at most 50 parameters"),
        ("/api/book/measures", {**MARKET, "measures": "nothing"}, 422, "imbalance@5"),
        ("/api/book/measures", {**MARKET, "measures": ",".join(["mid"] * 21)}, 422, "measures"),
        ("/api/footprint/candles", {**MARKET, "timeframe": "0m"}, 422, "timeframe"),
        ("/api/bars", {**MARKET, "by": "weather"}, 422, "by"),
        ("/api/nothing", {}, 404, "not found"),
    ],
)
def test_refused__in_words(ask: Asker, path: str, asked: dict, status: int, said: str) -> None:
    found = ask.get(path, **asked)
    assert found.status == status, found.body
    assert found.headers["content-type"] == "application/problem+json"
    assert said in " ".join(map(str, found.json.values()))
    assert found.json["status"] == status
    assert len(found.body) < 4_000


def test_no_answer_tells_a_place_of_this_machine(store: lm.Store, ask: Asker) -> None:
    place = str(store.path)
    for path, asked in (
        (HEATMAP, {"symbol": "CCCUSDT"}),
        ("/api/sessions", {}),
        ("/openapi.json", {}),
        (HEATMAP, MARKET),
    ):
        assert place not in ask.get(path, **asked).body.decode()


def test_a_store_that_breaks__is_a_500_without_its_place(
    store: lm.Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asker = Asker(make_api(store))

    def broken(self: lm.Store) -> None:
        raise StoreError(where=store.path, expected="a store", got="damage")

    monkeypatch.setattr(type(store), "sessions", broken)
    found = asker.get("/api/sessions")
    assert found.status == 500
    assert str(store.path) not in found.body.decode()
    assert str(store.path) in caplog.text
    assert "Traceback" not in caplog.text


def test_other_methods__are_refused(ask: Asker) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert ask.get(HEATMAP, verb=method, **MARKET).status == 405


def test_rows__that_are_too_many_say_what_to_ask_instead(store: lm.Store) -> None:
    few = Asker(make_api(store, limits=Limits(rows=100)))
    found = few.get(HEATMAP, **MARKET)
    assert found.status == 413
    assert "wider buckets" in found.json["remedy"]
    assert "every of 1." in few.get("/api/book/measures", **MARKET).json["remedy"]


def test_token__opens_and_nothing_else_does(store: lm.Store, tmp_path) -> None:
    file = tmp_path / "tokens.json"
    secret = new_token(file, "ann")
    assert file.stat().st_mode & 0o777 == 0o600
    assert secret not in file.read_text()
    closed = make_api(store, tokens=read_tokens(file))
    for header in ("", "Bearer", f"Bearer {secret}x", f"Basic {secret}", f"Bearer {secret[:-1]}"):
        found = Asker(closed, Authorization=header).get("/api/sessions")
        assert found.status == 401
        assert found.headers["www-authenticate"].startswith("Bearer")
    assert Asker(closed, Authorization=f"Bearer {secret}").get("/api/sessions").status == 200
    assert Asker(closed).get("/healthz").json == {"status": "ok"}
    assert Asker(closed).get("/metrics").status == 401
    assert Asker(closed).get("/openapi.json").status == 401


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"ann": "x"}', '{"ann": 5}', "{"])
def test_token_file__that_is_none_is_refused(tmp_path, text: str) -> None:
    file = tmp_path / "tokens.json"
    file.write_text(text)
    with pytest.raises(LiqmapError, match="liqmap token"):
        read_tokens(file)


def test_serve__beyond_this_machine_needs_tokens(store: lm.Store) -> None:
    with pytest.raises(LiqmapError, match="to listen beyond this machine"):
        serve(store, address="0.0.0.0")


def test_cors__for_the_origins_that_were_named_alone(store: lm.Store) -> None:
    asker = Asker(make_api(store, origins=["https://charts.example.org"]))
    mine = asker.get("/api/sessions", headers={"Origin": "https://charts.example.org"})
    assert mine.headers["access-control-allow-origin"] == "https://charts.example.org"
    other = asker.get("/api/sessions", headers={"Origin": "https://evil.example.org"})
    assert "access-control-allow-origin" not in other.headers


def test_every_answer__has_the_headers(ask: Asker) -> None:
    for path in ("/api/sessions", "/nothing", "/openapi.json", "/healthz", HEATMAP):
        headers = ask.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]


def test_metrics__count_by_endpoint(store: lm.Store) -> None:
    asker = Asker(make_api(store))
    asker.get("/api/sessions")
    asker.get("/nothing")
    text = asker.get("/metrics").body.decode()
    assert 'liqmap_requests_total{endpoint="sessions",status="200"} 1.0' in text
    assert 'liqmap_requests_total{endpoint="none",status="404"} 1.0' in text


def test_openapi__tells_of_every_endpoint_its_parameters_and_columns(ask: Asker) -> None:
    document = json.loads(ask.get("/openapi.json").body)
    heatmap = document["paths"]["/api/heatmap/{venue}/depth"]["get"]
    names = {one["name"]: one for one in heatmap["parameters"]}
    assert names["venue"]["in"] == "path"
    assert names["symbol"]["required"]
    assert names["time_bucket_sec"]["schema"]["default"] == 5.0
    content = heatmap["responses"]["200"]["content"]
    assert {"application/json", "image/png", "application/vnd.apache.parquet"} <= content.keys()
    row = content["application/json"]["schema"]["properties"]["data"]["anyOf"][0]["items"]
    assert list(row["properties"]) == ["timestamp", "side", "price", "size", "state", "age_ms"]
    assert all(
        one["description"] for path in document["paths"].values() for one in path["get"].get("parameters", ())
    )


def test_a_path_in_the_words_of_an_error__is_not_told(
    store: lm.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = Asker(make_api(store))

    def broken(self: lm.Store) -> None:
        raise LiqmapError(where=f"{store.path}/depth/venue=a", expected="a file", got=f"'{store.path}'")

    monkeypatch.setattr(type(store), "sessions", broken)
    found = asker.get("/api/sessions")
    assert found.status == 422
    assert str(store.path) not in found.body.decode()
    assert found.json["where"] == "depth/venue=a"
