"""Grids, books, flow and pictures of a store over HTTP: an endpoint is one function with its parameters."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "api": ["make_api"],
        "limits": ["Limits"],
        "registry": ["Answer", "Column", "endpoint"],
        "run": ["serve"],
        "tokens": ["Token", "read_tokens"],
    },
)
