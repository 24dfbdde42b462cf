"""What recipes start, the command line takes; the image is built of what is there, and runs as nobody."""

from __future__ import annotations

import json
import re
import shlex
from fnmatch import fnmatch
from pathlib import Path

import pytest

from liqmap.cli.main import command_line
from tests.app.publish.deploy.proxied import RECIPES, options_of

ROOT = Path(__file__).parents[4]
STEPS = re.sub(r"\\\n", " ", (ROOT / "Containerfile").read_text())


def step(name: str) -> list[str]:
    """What stands behind each such word of the recipe of the image, in order."""
    return re.findall(rf"(?m)^{name} (.+)$", STEPS)


def test_image__is_built_of_what_is_there_and_let_in() -> None:
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [name for line in step("COPY") if "--from" not in line for name in line.split()[:-1]]
    assert "liqmap" in copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert any(fnmatch(name, pattern) for pattern in let_in), name


def test_image__runs_as_nobody_who_may_do_much_and_tells_its_health() -> None:
    (user,) = step("USER")
    assert int(user) > 1000
    assert STEPS.rindex("\nUSER") > STEPS.rindex("\nRUN")
    (health,) = step("HEALTHCHECK")
    assert "/healthz" in json.loads(health.partition("CMD ")[2])[2]


def _commands() -> dict[str, list[str]]:
    unit = re.sub(r"\\\n", " ", (RECIPES / "liqmap.service").read_text())
    (started,) = re.findall(r"(?m)^ExecStart=\S+ (.+)$", unit)
    image = [*json.loads(step("ENTRYPOINT")[0]), *json.loads(step("CMD")[-1])]
    proxies = {name: ["app", *options_of(name)] for name in ("nginx.conf", "Caddyfile")}
    return {"unit": shlex.split(started), "image": image[1:], **proxies}


@pytest.mark.parametrize("recipe", _commands())
def test_command__is_one_that_liqmap_takes(recipe: str) -> None:
    words = _commands()[recipe]
    args = command_line().parse_args(words)
    assert args.command == "app"
    if recipe in ("unit", "image"):
        assert args.read_only
        assert args.basic_auth is not None
    else:
        assert (args.origins, args.proxies, args.prefix) == (["charts.example.org"], ["127.0.0.1"], "/liqmap")
