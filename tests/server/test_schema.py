"""The API is what its OpenAPI document says: questions drawn from it, right and wrong ones."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.server import Limits, make_api

schemathesis = pytest.importorskip("schemathesis")

EXAMPLES = 75
"""A path of them; the document has a dozen and more."""


@pytest.fixture(scope="module")
def document(store: lm.Store):
    return schemathesis.openapi.from_asgi("/openapi.json", make_api(store, limits=Limits(cells=200_000)))


@pytest.mark.long
def test_every_answer__is_what_the_document_says(document) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    checks = [
        not_a_server_error,
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    ]
    asked = {"right": 0, "other": 0}
    for found in document.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(), symbol=st.sampled_from(["AAAUSDT", "BBBUSDT", None]))
        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        def ask(case, symbol) -> None:
            if symbol is not None:  # else hardly a question is about a market that there is
                case.query = {**(case.query or {}), "symbol": symbol}
                if case.path_parameters:
                    case.path_parameters = {**case.path_parameters, "venue": "bybit"}
            response = case.call()
            asked["right" if response.status_code == 200 else "other"] += 1
            case.validate_response(response, checks=checks)

        ask()
    assert asked["right"] > 100
    assert asked["other"] > 100
