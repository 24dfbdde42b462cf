"""The oracle is worth something only if it agrees with spans and grids found without it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.oracle import golden, oracle_grid, oracle_replay


@pytest.mark.parametrize("sequence", golden.SEQUENCES)
def test_spans(real_data, sequence):
    spans, _ = oracle_replay(golden.golden_messages(real_data, sequence), golden.LEVELS)
    assert spans == golden.golden_spans(real_data, sequence)


@pytest.mark.parametrize("sequence", golden.SEQUENCES)
def test_grids(real_data, sequence):
    spans, window = oracle_replay(golden.golden_messages(real_data, sequence), golden.LEVELS)
    expected = golden.golden_grids(real_data, sequence)
    edges = expected["time_edges"], expected["price_edges"]
    for name, carry in golden.CARRIES.items():
        half_life, prune = map(golden.seconds, carry)
        for agg in golden.AGGREGATES:
            grid = oracle_grid(spans, window, *edges, golden.TICK_SIZE, half_life, prune, agg)
            liquidity, case = expected[f"{agg}_{name}_liquidity"], f"{sequence} {agg} {name}"
            np.testing.assert_array_equal(grid["state"], expected[f"{agg}_{name}_state"], case)
            np.testing.assert_allclose(grid["liquidity"], liquidity, rtol=1e-9, atol=0, err_msg=case)
            np.testing.assert_array_equal(grid["liquidity"] == 0, liquidity == 0, case)
