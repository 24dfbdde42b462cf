"""The recipes of ``docs/deploy``, run as they stand but for names, ports and certificates."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

RECIPES = Path(__file__).parents[4] / "docs" / "deploy"
NAME, APP = "charts.example.org", "127.0.0.1:5006"
"""That a recipe has, for its publisher to change."""


def tool(name: str) -> str:
    """Where a program is; skips where it is missing, but for machines that must have all."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        assert "LIQMAP_REQUIRE_TOOLS" not in os.environ, f"expected {name} on the PATH, got none"
        pytest.skip(f"no {name} on this machine")
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of ``localhost``, signed by itself, and its key."""
    made, key = folder / "made.pem", folder / "key.pem"
    argv = [tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            "-keyout", str(key), "-out", str(made)]  # fmt: skip
    subprocess.run(argv, check=True, capture_output=True)
    return made, key


def nginx(folder: Path, app: int, https: int, http: int) -> list[str]:
    """The command that runs nginx by the recipe, before an app at a port."""
    made, key = certificate(folder)
    recipe = _changed(
        (RECIPES / "nginx.conf").read_text(),
        {NAME: "localhost", APP: f"127.0.0.1:{app}", "listen 80;": f"listen 127.0.0.1:{http};",
         "listen 443 ssl;": f"listen 127.0.0.1:{https} ssl;",
         f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(made),
         f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(key)},
    )  # fmt: skip
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"""
pid {folder}/nginx.pid; error_log stderr; daemon off; worker_processes 1;
events {{}}
http {{ access_log {folder}/access.log; {places} {recipe} }}
"""
    (folder / "nginx.conf").write_text(whole)
    return [tool("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, app: int, https: int, http: int) -> list[str]:
    """The same of Caddy, with a certificate at hand instead of one that it gets."""
    made, key = certificate(folder)
    recipe = _changed(
        (RECIPES / "Caddyfile").read_text(),
        {f"{NAME} {{": f"https://localhost:{https} {{\n\tbind 127.0.0.1\n\ttls {made} {key}",
         APP: f"127.0.0.1:{app}"},
    )  # fmt: skip
    ports = f"\thttp_port {http}\n\thttps_port {https}\n"
    options = f"{{\n\tadmin off\n{ports}\tstorage file_system {folder}/caddy\n}}\n"
    (folder / "Caddyfile").write_text(options + recipe)
    return [tool("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def _changed(recipe: str, changes: dict[str, str]) -> str:
    """A recipe with something else for what its publisher would change; each has to be there."""
    for there in sorted(changes, key=len, reverse=True):
        assert there in recipe, f"expected {there!r} in the recipe"
        recipe = recipe.replace(there, changes[there])
    return recipe


@contextmanager
def listening(argv: list[str], folder: Path, port: int) -> Iterator[None]:
    """A program that listens at a port, until the end."""
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(argv, stdout=said, stderr=said, env=os.environ | {"HOME": str(folder)})
    try:
        for _ in range(300):
            assert process.poll() is None, (folder / "said.txt").read_text()
            with socket.socket() as wire:
                if wire.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def trusting(made: Path) -> ssl.SSLContext:
    """Trusts a certificate, and no other."""
    return ssl.create_default_context(cafile=str(made))


def options_of(recipe: str) -> list[str]:
    """The options that a recipe says the app is started with."""
    found = re.search(r"liqmap app (--.*?) \.\.\.", (RECIPES / recipe).read_text())
    assert found is not None
    return found[1].split()
