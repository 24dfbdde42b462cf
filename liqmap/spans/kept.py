"""What is derived from spans and worth keeping with them: made once, whoever asks first, counted in bytes.

    TOUCH = Derivation("touch", sweep)  # says how it is made, and what type it has
    TOUCH.of(spans)  # made now, or found

Frames and samples, of which there are many, are kept in a `Recent` that is itself derived.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from liqmap.array_bytes import array_bytes

if TYPE_CHECKING:
    from liqmap.spans.spans import Spans

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class Kept:
    """All that is kept with one spans, by the derivation it comes from."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._makers: dict[Derivation[Any], RLock] = {}
        self.values: dict[Derivation[Any], Any] = {}

    def maker(self, derivation: Derivation[Any]) -> RLock:
        """Who holds it makes the value; the others wait for that one value alone."""
        with self._lock:
            return self._makers.setdefault(derivation, RLock())

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays that are kept."""
        return array_bytes(self.values)

    def __len__(self) -> int:
        return len(self.values)


class Derivation(Generic[T]):
    """A thing derived from spans. The one object of it is the key under which it is kept."""

    def __init__(self, name: str, make: Callable[[Spans], T]) -> None:
        self.name, self._make = name, make

    def __repr__(self) -> str:
        return f"Derivation({self.name!r})"

    def of(self, spans: Spans) -> T:
        """The thing, made by whoever asks first; who asks meanwhile waits for it."""
        kept = spans.kept
        if self not in kept.values:
            with kept.maker(self):
                if self not in kept.values:
                    kept.values[self] = self._make(spans)
        return kept.values[self]

    def give(self, spans: Spans, value: T) -> None:
        """Keep a value that was made elsewhere, such as one mapped from a file."""
        with spans.kept.maker(self):
            spans.kept.values[self] = value

    def forget(self, spans: Spans) -> None:
        """Let go of the thing; it is made anew when it is next asked for."""
        with spans.kept.maker(self):
            spans.kept.values.pop(self, None)


class Recent(Generic[K, T]):
    """The few values asked for last, by key; for several threads.

    Parameters
    ----------
    most : values kept.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = Lock()
        self.values: OrderedDict[K, T] = OrderedDict()

    def get(self, key: K) -> T | None:
        """The value of a key, which is then the last one asked for; None if it is not kept."""
        with self._lock:
            if key in self.values:
                self.values.move_to_end(key)
            return self.values.get(key)

    def put(self, key: K, value: T) -> None:
        """Keep a value; the one that nobody asked for the longest goes."""
        with self._lock:
            self.values[key] = value
            self.values.move_to_end(key)
            while len(self.values) > self.most:
                self.values.popitem(last=False)

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[T]:
        with self._lock:
            return iter(list(self.values.values()))
