"""What the cache of the user holds of stores on object storage."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.cli.main import main
from liqmap.schema import StoreError
from liqmap.store.layout import LOCK
from liqmap.store.locks import locked
from tests.store.commit.sources import own, write_raw
from tests.store.remote.standin import StandIn
from tests.store.remote.test_mirror import filled

pytestmark = pytest.mark.long


@pytest.fixture
def store(url: str, tmp_path: Path) -> lm.Store:
    write_raw(tmp_path / "raw")
    filled(url, tmp_path)
    return lm.open_store(url)


def test_cached__says_what_is_there(url: str, store: lm.Store, service: StandIn) -> None:
    service.down = True  # nothing is asked of the service
    (found,) = st.cached()
    assert (found.url, found.path) == (url, store.path)
    assert found.bytes == sum(p.stat().st_size for p in store.path.rglob("*") if p.is_file())
    assert found.read is not None
    assert st.cached(f"{url}/") == [found]
    assert st.cached(f"{url}-of-which-nothing-is-here") == []
    with pytest.raises(StoreError, match="begins with one of s3,"):
        st.cached("ftp://bucket/store")


def test_clear__and_made_anew(url: str, store: lm.Store) -> None:
    have = own(store.path)
    st.clear(*st.cached(url))
    assert st.cached() == []
    assert list(store.path.parent.iterdir()) == []
    assert own(lm.open_store(url).path) == have


def test_clear__of_one_that_is_damaged(url: str, store: lm.Store) -> None:
    (store.path / ".remote.json").write_text("damaged")
    (store.path.parent / "another").mkdir()
    (found,) = st.cached()
    assert (found.url, found.read) == ("", None)
    st.clear(found)
    assert [path.name for path in store.path.parent.iterdir()] == ["another"]


@pytest.mark.parametrize("hold", [lambda root: locked(root / LOCK), lambda root: st.staged(root)])
def test_clear__not_while_it_is_written_to(hold: Callable, url: str, store: lm.Store) -> None:
    with hold(store.path), pytest.raises(StoreError, match="expected a mirror that nobody writes to"):
        st.clear(*st.cached(url))
    st.clear(*st.cached(url))
    assert st.cached() == []


def test_command_line(url: str, store: lm.Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "mirror"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{url}: ")
    assert said.rstrip().endswith(str(store.path))
    assert main(["store", "mirror", f"{url}-other"]) == 0
    assert capsys.readouterr().out == f"no mirror of {url}-other\n"
    assert main(["store", "mirror", url, "--clear", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["cleared"], said["mirrors"][0]["url"]) == (True, url)
    assert main(["store", "mirror"]) == 0
    assert capsys.readouterr().out == "no mirror of any store\n"
    assert main(["store", "mirror", "data/store"]) == 2
