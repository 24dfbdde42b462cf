"""The login pages, by real requests to a small site."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.app.publish.login.forms import MOST, FormRefused, check_headers, own_path, read_form
from liqmap.app.publish.login.passwords import remove_user, set_password
from liqmap.app.publish.login.secret import rotate_secret

from .site import TOKEN, Browser, site


def test_login__and_out_again(enter: Any) -> None:
    async def visit() -> None:
        async with site(enter(prefix="/charts")) as found:
            browser = Browser(found)
            assert await browser.who() is None
            answer = await browser.login("ann", "correct horse", next="/charts/?market=x%2F1")
            assert (answer.code, answer.headers["Location"]) == (302, "/charts/?market=x%2F1")
            assert await browser.who() == "ann"
            copied = dict(browser.cookies)
            page = await browser.get("/logout")
            assert b"You are logged in as ann" in page.body
            assert await browser.who() == "ann"  # to look at it is not to log out
            assert (await browser.post("/logout")).code == 403
            assert await browser.who() == "ann"
            answer = await browser.form("/logout")
            assert (answer.code, b"You have logged out" in answer.body) == (200, True)
            assert "liqmap_login" not in browser.cookies
            dropped = [c for c in answer.headers.get_list("Set-Cookie") if c.startswith("liqmap_login")]
            assert ["expires=" in line and "Path=/charts" in line for line in dropped] == [True]
            assert await Browser(found, cookies=copied).who() is None  # on the server too
            assert b"not logged in" in (await Browser(found, cookies=copied).get("/logout")).body
            answer = await found.ask("/logout", method="POST", body="token=x")  # as a page of others would
            assert "Set-Cookie" not in answer.headers

    asyncio.run(visit())


def test_cookies__are_for_this_site_and_no_script(enter: Any) -> None:
    async def visit() -> list[tuple[str, str]]:
        async with site(enter(prefix="/charts")) as found:
            browser, set_ = Browser(found), []
            for scheme in ("http", "https"):
                browser.address = "192.0.2.1"
                page = await browser.get("/login", headers={"X-Scheme": scheme})
                form = {"token": TOKEN.search(page.body)[1].decode(), "username": "ann"}
                body = "&".join(f"{k}={v}" for k, v in form.items()) + "&password=correct+horse"
                answer = await found.ask(
                    "/login", browser.cookies, headers={"X-Scheme": scheme}, method="POST", body=body
                )
                lines = page.headers.get_list("Set-Cookie") + answer.headers.get_list("Set-Cookie")
                set_ += [(scheme, line) for line in lines]
            return set_

    lines = asyncio.run(visit())
    assert {line.partition("=")[0] for _, line in lines} == {"liqmap_form", "liqmap_login", "liqmap_browser"}
    for scheme, line in lines:
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
        assert "Path=/charts" in line
        assert ("Secure" in line) == (scheme == "https")
    kept = next(line for _, line in lines if line.startswith("liqmap_login"))
    assert "Max-Age=43200" in kept


def test_login__of_a_user_removed_or_with_another_password(enter: Any, users: Path) -> None:
    async def visit() -> None:
        async with site(enter()) as found:
            ann, bob = Browser(found), Browser(found)
            await ann.login("ann", "correct horse")
            await bob.login("bob", "battery staple")
            set_password(users, "ann", "correct pony")
            assert await ann.who() is None
            assert (await ann.login("ann", "correct horse")).code == 401
            assert (await ann.login("ann", "correct pony")).code == 302
            assert await ann.who() == "ann"
            remove_user(users, "bob")
            assert await bob.who() is None
            rotate_secret(users)
            assert await ann.who() is None

    asyncio.run(visit())


def test_login__while_the_password_changes(enter: Any, users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def visit() -> None:
        entrance = enter()
        changed = list[None]()

        def change() -> None:  # by another process, after the old password was found to be right
            if not changed:
                changed.append(set_password(users, "ann", "correct pony"))

        monkeypatch.setattr(entrance.attempts, "right", lambda asking: change())
        async with site(entrance) as found:
            ann = Browser(found)
            assert (await ann.login("ann", "correct horse")).code == 503
            assert await ann.who() is None
            assert (await ann.login("ann", "correct pony")).code == 302

    asyncio.run(visit())


def test_login__again_ends_the_one_before(enter: Any) -> None:
    async def visit() -> None:
        async with site(enter()) as found:
            browser = Browser(found)
            await browser.login("ann", "correct horse")
            copied = dict(browser.cookies)
            await browser.login("bob", "battery staple")
            assert await browser.who() == "bob"
            assert await Browser(found, cookies=copied).who() is None

    asyncio.run(visit())


def test_cookies__of_two_logins_are_those_of_nobody(enter: Any) -> None:
    async def visit() -> list[tuple[int, bytes]]:
        async with site(enter()) as found:
            ann, bob = Browser(found), Browser(found)
            await ann.login("ann", "correct horse")
            await bob.login("bob", "battery staple")
            mine, other = (f"liqmap_login={one.cookies['liqmap_login']}" for one in (ann, bob))
            junk = "liqmap_login=x.y"
            sent = [
                f"{mine}; {other}",
                f"{other}; {mine}",
                f"{mine}; {junk}",
                f'{junk}; a="b;{mine}',
                f"{mine}; {mine}",
            ]
            answers = [await found.ask("/", headers={"Cookie": cookies}) for cookies in sent]
            token, form = TOKEN.search((await ann.get("/login")).body)[1].decode(), ann.cookies["liqmap_form"]
            body = f"username=ann&password=correct+horse&token={token}"
            cookies = {"Cookie": f"{mine}; {other}; liqmap_form={form}"}
            again = await found.ask("/login", headers=cookies, method="POST", body=body)
            assert again.code == 302
            assert await ann.who() is await bob.who() is None  # both are over
            return [(answer.code, answer.body[:3] if answer.code == 200 else b"") for answer in answers]

    assert asyncio.run(visit()) == [(403, b"")] * 2 + [(200, b"ann")] * 3


@pytest.mark.parametrize(
    ("site_", "status"),
    [("same-origin", 302), ("none", 302), ("same-site", 403), ("cross-site", 403), ("x", 403)],
)
def test_form__of_a_neighbour_who_sets_our_cookies_is_refused(site_: str, status: int, enter: Any) -> None:
    async def visit() -> None:
        async with site(enter()) as found:
            neighbour = Browser(found)
            token = TOKEN.search((await neighbour.get("/login")).body)[1].decode()
            body = f"username=bob&password=battery+staple&token={token}"
            answer = await found.ask(
                "/login", neighbour.cookies, method="POST", body=body, headers={"Sec-Fetch-Site": site_}
            )
            assert answer.code == status
            assert (status == 302) == ("Set-Cookie" in answer.headers)

    asyncio.run(visit())


def test_form__of_elsewhere_is_refused(enter: Any, clock: Any) -> None:
    right = {"username": "ann", "password": "correct horse"}

    async def visit() -> None:
        async with site(enter()) as found:
            mine, other = Browser(found), Browser(found)
            token = TOKEN.search((await mine.get("/login")).body)[1].decode()
            await other.get("/login")
            assert (await other.post("/login", token=token, **right)).code == 403  # of another browser
            assert (await Browser(found).post("/login", token=token, **right)).code == 403
            for wrong in ("", "x", token[:-1], token + "x", f"1{token}", "é", "9" * 5000):
                answer = await mine.post("/login", token=wrong, **right)
                assert answer.code == 403
                assert b"Please try again" in answer.body
                assert "liqmap_login" not in mine.cookies
            clock.pass_(24 * 3600)
            assert (await mine.post("/login", token=token, **right)).code == 403
            await mine.login("ann", "correct horse")
            login = TOKEN.search((await mine.get("/login")).body)[1].decode()
            assert (await mine.post("/logout", token=login)).code == 403  # for another purpose
            assert await mine.who() == "ann"

    asyncio.run(visit())


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b'{"username": "ann"}', 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("text/plain", b"username=ann", 415),
        ("application/x-www-form-urlencoded; charset=utf-16", b"", 415),
        ("application/x-www-form-urlencoded", b"username=" + b"x" * MOST, 413),
        ("application/x-www-form-urlencoded", b"x" * 2_000_000, 413),
        ("application/x-www-form-urlencoded", b"username=%ff", 400),
        ("application/x-www-form-urlencoded", b"\xff\xfe", 400),
        ("application/x-www-form-urlencoded", b"username=ann&username=bob", 400),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(1500)), 400),
        ("application/x-www-form-urlencoded", b"", 403),
        ("application/x-www-form-urlencoded", b"username=<script>&next=<script>&token=<script>", 403),
    ],
)
def test_form__of_another_kind_is_refused_in_words(kind: str, body: bytes, status: int, enter: Any) -> None:
    async def visit() -> list[Any]:
        async with site(enter()) as found:
            given = {"method": "POST", "body": body, "headers": {"Content-Type": kind}}
            return [await found.ask(path, **given) for path in ("/login", "/logout")]

    login, logout = asyncio.run(visit())
    assert login.code == status
    assert logout.code == (200 if status == 403 else status)  # nobody is logged in
    for answer in (login, logout):
        assert answer.body.startswith(b"<!DOCTYPE html>")
        assert b"<script" not in answer.body
        assert b"Traceback" not in answer.body


def test_form__in_pieces_without_a_length_is_bounded(enter: Any) -> None:
    async def pieces(write: Any) -> None:
        for _ in range(40):
            await write(b"x" * 1000)

    async def visit() -> int:
        async with site(enter()) as found:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            return (await found.ask("/login", method="POST", body_producer=pieces, headers=kind)).code

    assert asyncio.run(visit()) == 413


def test_form__fields_are_bounded(enter: Any) -> None:
    async def visit() -> None:
        async with site(enter()) as found:
            browser = Browser(found)
            for user, password in (("x" * 201, "y"), ("ann", "y" * 1001)):
                answer = await browser.login(user, password)
                assert answer.code == 400
                assert user.encode() not in answer.body or user == "ann"

    asyncio.run(visit())


@settings(max_examples=300)
@given(kind=st.text(max_size=40), length=st.text(max_size=20), body=st.binary(max_size=80))
def test_form__whatever_comes_is_read_or_refused(kind: str, length: str, body: bytes) -> None:
    statuses = []
    for read in (lambda: check_headers(kind, length), lambda: read_form(body)):
        try:
            read()
        except FormRefused as refused:
            statuses.append(refused.status)
    assert set(statuses) <= {400, 413, 415}


PLACES = st.text(st.sampled_from("/\\.@:?#%&ab \t\n\r") | st.characters(), max_size=20)


@settings(max_examples=500)
@given(path=PLACES | PLACES.map(lambda text: f"/charts/{text}"), prefix=st.sampled_from(["", "/charts"]))
def test_next__is_of_this_app(path: str, prefix: str) -> None:
    here = "https://host.example.org"
    found = urlsplit(urljoin(f"{here}{prefix}/login", own_path(path, prefix)))
    assert f"{found.scheme}://{found.netloc}" == here
    assert found.path.startswith(f"{prefix}/")
    assert not re.search(r"[\s\\]", own_path(path, prefix))


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example.org/", "//evil.example.org/", "/\\evil.example.org", "/charts/../x", "/other",
        "/charts/%2e%2e/x", "/charts/.%2E/x", "/charts/%2E./%2e%2e/x", "/charts/..%2fx", "/charts/logi%6e",
        "/charts/login", "javascript:alert(1)", "/charts/\r\nSet-Cookie: a=b", "/charts/" + "x" * 3000, "",
    ],
)  # fmt: skip
def test_next__of_elsewhere_is_the_app_itself(place: str) -> None:
    assert own_path(place, "/charts") == "/charts/"
    assert own_path("/charts/?a=b&c=%22", "/charts") == "/charts/?a=b&c=%22"


def test_pages__reflect_nothing_and_run_nothing(enter: Any) -> None:
    hostile = '"><script>alert(1)</script>'

    async def visit() -> list[bytes]:
        async with site(enter()) as found:
            browser = Browser(found)
            pages = [await browser.get(f"/login?next=/{hostile}&error={hostile}&message={hostile}")]
            pages += [await browser.login(hostile, hostile, next=f"/?{hostile}")]
            await browser.login("ann", "correct horse")
            pages += [await browser.get("/logout"), await browser.form("/logout")]
            pages += [await found.ask("/login", method="DELETE"), await found.ask("/login", method="HEAD")]
            style = await browser.get("/login.css")
            assert style.headers["Content-Type"].startswith("text/css")
            assert all(page.headers["Cache-Control"] == "no-store" for page in pages)
            return [page.body for page in pages]

    for body in asyncio.run(visit()):
        assert b"alert(" not in body
        for inline in (b"<script", b"<style", b"style=", b" on", b"http://", b"https://"):
            assert inline not in body.replace(b"one", b"").replace(b"open", b""), inline
    assert (
        b'autocomplete="current-password"'
        in Path(__file__)
        .parent.joinpath("../../../../liqmap/app/publish/login/looks/login.html")
        .read_bytes()
    )


def test_guesses__at_one_account_stop_nobody(
    enter: Any, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """22 guesses a second, and those who have the password."""
    entrance, checked = enter(), []
    fits = entrance.users.fits
    entrance.users.fits = lambda entry, password: checked.append(entry) or fits(entry, password)

    async def visit() -> None:
        async with site(entrance) as found:
            known, attacker = Browser(found, "192.0.2.9"), Browser(found, "192.0.2.9")  # one address
            assert (await known.login("ann", "correct horse")).code == 302
            known.cookies.pop("liqmap_login")
            token = TOKEN.search((await attacker.get("/login")).body)[1].decode()
            refused = []
            for number in range(22 * 15):
                clock.pass_(1 / 22)
                guess = {"username": "ann", "password": f"guess {number}", "token": token}
                refused.append(await attacker.post("/login", **guess))
            codes = [answer.code for answer in refused]
            assert set(codes) == {401, 429}
            assert 3 < codes.count(401) == len(checked) - 1 < 8
            last = next(answer for answer in reversed(refused) if answer.code == 429)
            assert 0 < int(last.headers["Retry-After"]) <= 300
            assert b"Too many tries. Please try again in" in last.body
            assert (await known.login("ann", "correct horse")).code == 302  # the browser is known
            fresh = Browser(found, "192.0.2.10")
            assert (await fresh.login("ann", "correct horse")).code == 302  # from elsewhere
            fresh = Browser(found, "192.0.2.9")
            assert (await fresh.login("bob", "battery staple")).code == 302  # another account

    with caplog.at_level(logging.WARNING):
        asyncio.run(visit())
    lines = caplog.messages
    assert 10 <= len(lines) <= 12  # 10 at once, and one each 10 s
    assert "guess" not in caplog.text
    assert re.search(r"too many tries, ann from 192\.0\.2\.9, and \d+ others since", caplog.text)


@pytest.mark.parametrize("after", ["another password", "removal"])
def test_guesses__of_who_was_known_are_those_of_anybody(after: str, enter: Any, users: Path) -> None:
    """A former user has the cookies of many browsers, each of which would be counted alone."""

    async def visit() -> list[int]:
        async with site(enter()) as found:
            seen = [Browser(found) for _ in range(6)]
            for browser in seen:
                await browser.login("ann", "correct horse")
            if after == "removal":
                remove_user(users, "ann")
            else:
                set_password(users, "ann", "correct pony")
            return [(await browser.login("ann", "correct horse")).code for browser in seen]

    assert asyncio.run(visit()) == [401] * 3 + [429] * 3


def test_refusals__tell_no_password_typed_as_a_user(enter: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def visit() -> None:
        async with site(enter()) as found:
            assert (await Browser(found).login("my password\n", "x")).code == 401
            assert (await Browser(found).login("ann", "my password")).code == 401

    asyncio.run(visit())
    assert caplog.messages == [
        "login refused: a wrong password, an unknown user from 192.0.2.1",
        "login refused: a wrong password, ann from 192.0.2.1",
    ]


def test_guesses__at_a_time_do_not_pile_up(enter: Any) -> None:
    """Many at once from many addresses: a queue of bounded length, and another for who is known."""
    entrance = enter()

    async def visit() -> None:
        async with site(entrance) as found:
            known = Browser(found)
            await known.login("ann", "correct horse")
            known.cookies.pop("liqmap_login")
            page = await known.get("/login")
            many = [Browser(found, f"198.51.100.{n}") for n in range(60)]
            tokens = [TOKEN.search((await one.get("/login")).body)[1].decode() for one in many]
            asked = [
                asyncio.ensure_future(one.post("/login", username=f"u{n}", password="x", token=tokens[n]))
                for n, one in enumerate(many)
            ]
            token = TOKEN.search(page.body)[1].decode()
            right = await known.post("/login", username="ann", password="correct horse", token=token)
            codes = [answer.code for answer in await asyncio.gather(*asked)]
            assert right.code == 302
            assert set(codes) <= {401, 429}
            assert codes.count(429) > 0

    fits = entrance.users.fits
    entrance.users.fits = lambda entry, password: _slow() or fits(entry, password)
    asyncio.run(visit())


def _slow() -> None:
    import time

    time.sleep(0.02)


def test_login__while_the_passwords_cannot_be_read(enter: Any, users: Path) -> None:
    async def visit() -> None:
        async with site(enter()) as found:
            browser, before = Browser(found), users.read_text()
            await browser.login("ann", "correct horse")
            users.write_text("{")
            assert await browser.who() is None
            answer = await browser.login("ann", "correct horse")
            assert (answer.code, b"Nobody can log in just now" in answer.body) == (503, True)
            Path(f"{users}.secret").chmod(0o644)
            assert (await browser.get("/login")).code == 503
            Path(f"{users}.secret").chmod(0o600)
            users.write_text(before)
            assert await browser.who() == "ann"
            assert json.loads(before)["ann"] not in answer.body.decode()

    asyncio.run(visit())
