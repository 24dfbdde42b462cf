"""`bundle`: ES modules -> one script that needs no file, each module in a scope of its own.

The modules are such as browsers import as they are; of the language's forms of import and export they use
two, which is all that is read here:

    import {name, other as another} from "../folder/module.js"
    export function name(...)      and   async function, function*, class, const

Whatever else begins a line with ``import`` or ``export`` is refused, as are modules that are not there, names
that no module exports, modules that import each other in a circle, and ``let`` outside functions: a module
that keeps state is one chart's only, where a page has several. Comments with lines of their own are left out.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from liqmap.schema import FormatError

Read = Callable[[str], str]
"""Gives the text of a module by its name: the path from the root of all, such as ``raster/frame.js``."""

IMPORT = re.compile(r'^import\s*\{([^{}]*)\}\s*from\s*"(\.[^"\n]*)";?[ \t]*\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) ([\w$]+))", re.MULTILINE)
NAMED = re.compile(r"([\w$]+)(?:\s+as\s+([\w$]+))?")
COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*\*?(?:(?!\*/)[\s\S])*\*/)[ \t]*\n", re.MULTILINE)
OTHER = re.compile(r"^(?:(?:import|export)\b|let\b|var\b)[^\n]*", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """A module as it is joined.

    imports : module and name there, by name here.
    exports : names that others may import.
    body : the rest of its text, without comments that have lines of their own.
    """

    name: str
    imports: dict[str, tuple[str, str]]
    exports: tuple[str, ...]
    body: str

    @classmethod
    def of(cls, name: str, text: str) -> Module:
        """Read a text.

        Raises
        ------
        FormatError : a form of import or export, or of state, that is not understood.
        """
        text, imports = COMMENT.sub("", text), {}
        for names, path in IMPORT.findall(text):
            source = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
            for part in filter(None, map(str.strip, names.split(","))):
                if not (found := NAMED.fullmatch(part)):
                    raise FormatError(where=name, expected="names between the braces of an import", got=part)
                there, here = found[1], found[2] or found[1]
                if here in imports:
                    raise FormatError(where=name, expected="each name imported once", got=here)
                imports[here] = source, there
        body, exports = IMPORT.sub("", text), tuple(EXPORT.findall(text))
        body = EXPORT.sub("", body)
        if other := OTHER.search(body):
            raise FormatError(
                where=name,
                expected='import {...} from "./...", export of a function, a class or one const, and no let',
                got=other[0],
            )
        return cls(name, imports, exports, body.strip("\n"))

    @property
    def sources(self) -> list[str]:
        """The modules that it imports."""
        return list(dict.fromkeys(source for source, _ in self.imports.values()))


def modules(entry: str, read: Read) -> list[Module]:
    """A module and all that it imports, each after those that it imports itself.

    Raises
    ------
    FormatError : see above.
    """
    known: dict[str, Module] = {}

    def visit(name: str, way: tuple[str, ...]) -> Iterator[Module]:
        if name in way:
            circle = " -> ".join((*way[way.index(name) :], name))
            raise FormatError(where=name, expected="modules that import in one direction", got=circle)
        if name in known:
            return
        module = Module.of(name, _text(name, way, read))
        for source in module.sources:
            yield from visit(source, (*way, name))
        for source, there in module.imports.values():
            if there not in known[source].exports:
                expected = f"one of the names that {source} exports: {', '.join(known[source].exports)}"
                raise FormatError(where=name, expected=expected, got=there)
        known[name] = module
        yield module

    return list(visit(entry, ()))


def _text(name: str, way: tuple[str, ...], read: Read) -> str:
    try:
        return read(name)
    except (FileNotFoundError, KeyError) as error:
        who = way[-1] if way else name
        raise FormatError(where=who, expected="a module that is there", got=name) from error


def bundle(entry: str, read: Read, exports: bool = False) -> str:
    """One script of a module and all that it imports.

    Parameters
    ----------
    exports : whether it is a module itself, which exports what the entry does, for hosts that import one
        (a notebook's widget); else it is run, in a page or as a worker, and leaves no name behind.
    """
    found = modules(entry, read)
    scopes = "\n".join(_scope(module) for module in found)
    if not exports:
        return '"use strict";{\n' + scopes + "\n}\n"
    names = ", ".join(found[-1].exports)
    return f"{scopes}\nexport const {{{names}}} = {variable(entry)}\n"


def variable(name: str) -> str:
    """What holds the exports of a module in a bundle: `raster$frame` those of ``raster/frame.js``."""
    if not re.fullmatch(r"[a-z_]+(?:/[a-z_]+)*\.js", name):
        raise FormatError(where=name, expected="a module's path of small letters that ends in .js", got=name)
    return name.removesuffix(".js").replace("/", "$")


def _scope(module: Module) -> str:
    lines = [f"const {variable(module.name)} = (() => {{"]
    for source in module.sources:
        names = ", ".join(
            there if there == here else f"{there}: {here}"
            for here, (path, there) in module.imports.items()
            if path == source
        )
        lines.append(f"const {{{names}}} = {variable(source)}")
    return "\n".join([*lines, module.body, f"return {{{', '.join(module.exports)}}}", "})()"])
