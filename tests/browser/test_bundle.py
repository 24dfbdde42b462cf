"""Modules are joined into one script that does what they do, and what cannot be joined is refused."""

from __future__ import annotations

from typing import Any

import pytest
from py_mini_racer import MiniRacer

from liqmap.browser.bundle import bundle, modules
from liqmap.browser.sources import ADDRESS, CONNECTION, CONTROLS, HOSTED, PAGE, WORKER, names, script, source
from liqmap.schema import FormatError

MODULES = {
    "main.js": """// Says what it is.
import {price as priceOf, total} from "./words/money.js"
import {
  half,
  VAT,
} from "./rules.js"

const price = 3
/* Its own, though others
   have one of that name. */
globalThis.said = [priceOf(price), total([1, 2]), half(VAT), "export const import {a} from"]
""",
    "words/money.js": """import {VAT} from "../rules.js"
/** @param {number} of */
export function price(of) { return `${of} // ${VAT}` }
export async function later() {}
export function* total_steps() {}
export const total = some => some.reduce((a, b) => a + b, 0)
export class Purse {}
""",
    "rules.js": 'export const VAT = 8\nexport const half = n => n / 2\nconst price = "no one\'s"\n',
}


def joined(changed: dict[str, str] | None = None, **how: Any) -> str:
    return bundle("main.js", {**MODULES, **(changed or {})}.__getitem__, **how)


def test_bundle__does_what_the_modules_do_and_leaves_no_name_behind() -> None:
    made = MiniRacer()
    made.eval(joined())
    assert list(made.eval("said")) == ["3 // 8", 3, 4, "export const import {a} from"]
    assert made.eval("[typeof price, typeof VAT, typeof total].join()") == "undefined,undefined,undefined"


def test_modules__come_after_those_that_they_import() -> None:
    found = modules("main.js", MODULES.__getitem__)
    assert [module.name for module in found] == ["rules.js", "words/money.js", "main.js"]
    assert found[1].exports == ("price", "later", "total_steps", "total", "Purse")


def test_bundle__leaves_out_comments_with_lines_of_their_own() -> None:
    text = joined()
    assert "Says what it is" not in text
    assert "@param" not in text
    assert "Its own" not in text
    assert "`${of} // ${VAT}`" in text


def test_bundle__may_be_a_module_that_exports_what_its_entry_does() -> None:
    text = joined({"main.js": MODULES["words/money.js"].replace("../", "./")}, exports=True)
    assert text.endswith("export const {price, later, total_steps, total, Purse} = main\n")
    assert not text.startswith('"use strict"')


REFUSED = {
    "a module that is not there": ('import {a} from "./other.js"\n', "other.js"),
    "a name that is not exported": ('import {VAT, tax} from "./rules.js"\n', "VAT, half, got tax"),
    "a name that is not for others": ('import {price} from "./rules.js"\n', "got price"),
    "two of one name": ('import {VAT, half as VAT} from "./rules.js"\n', "once, got VAT"),
    "a default": ('import rules from "./rules.js"\n', "import rules"),
    "all of a module": ('import * as rules from "./rules.js"\n', r"import \* as"),
    "a package": ('import {a} from "three"\n', "three"),
    "a default of its own": ("export default 1\n", "export default"),
    "names of its own, later": ("const a = 1\nexport {a}\n", r"export \{a\}"),
    "state": ("let seen = 0\n", "no let, got let seen"),
    "state that others see": ("export let seen = 0\n", "export let seen"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bundle__refuses(case: str) -> None:
    text, says = REFUSED[case]
    with pytest.raises(FormatError, match=f"main.js: .*{says}"):
        joined({"main.js": text})


def test_bundle__refuses_modules_that_import_each_other() -> None:
    rules = 'import {total} from "./words/money.js"\n' + MODULES["rules.js"]
    with pytest.raises(FormatError, match=r"words/money.js -> rules.js -> words/money.js$"):
        joined({"rules.js": rules})


def test_engine__is_joined_whole() -> None:
    """What no entry needs has no place in the engine, but for types."""
    entries = (WORKER, PAGE, HOSTED, CONTROLS, ADDRESS, CONNECTION)
    needed = {module.name for entry in entries for module in modules(entry, source)}
    assert set(names()) - needed == {"source/source.js"}
    for entry in (WORKER, PAGE):
        assert "</script" not in script(entry)
