"""Controls of the app, as far as they need no browser: handles, and what Python is told of hands."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.browser.engine import call

percents = st.integers(0, 1000).map(lambda tenths: tenths / 10)


@given(st.lists(percents, min_size=2, max_size=2, unique=True).map(sorted), st.sampled_from([0, 1]), percents)
def test_handles__rise_by_a_step_and_the_one_that_is_moved_goes_where_it_can(
    ends: list[float], end: int, to: float
) -> None:
    low, high = call("moveEnd", ends, end, to)
    assert 0 <= low < high <= 100
    assert high - low > 0.0999
    assert [low, high][end] == min(max(to, 0.1 * end), 100 - 0.1 * (1 - end))
    assert [low, high][1 - end] in (ends[1 - end], round([low, high][end] + 0.1 * (1 - 2 * end), 1))


TOLD = """(steps) => {
  let now = 0, timers = [], sent = []
  globalThis.setTimeout = (run, ms) => { timers.push([now + ms, run]); return timers.length }
  globalThis.clearTimeout = () => {}
  const told = new Told(({count, values}) => sent.push({at: now, count, values}))
  const goTo = time => {
    for (;;) {
      const due = timers.filter(([at]) => at <= time).sort(([a], [b]) => a - b)[0]
      if (!due) break
      timers.splice(timers.indexOf(due), 1)
      now = due[0]
      due[1]()
    }
    now = time
  }
  const seen = steps.map(([time, what, ...more]) => {
    goTo(time)
    if (what == "choose") told.choose(...more)
    else if (what == "refused") told.refused(more)
    else if (what == "heard") told.heard(sent[more[0]].count)
    return told.now("a", "theirs")
  })
  goTo(1e9)
  const rising = sent.every(({count}, k) => count == sent[0].count + k)
  return {seen, rising, sent: sent.map(({at, values}) => [at, values])}
}"""


def told(*steps: list[Any]) -> dict[str, Any]:
    return call(TOLD, steps)


def test_drag__is_told_at_once_then_its_last_value_now_and_then() -> None:
    found = told(*[[10 * k, "choose", "a", k] for k in range(30)])
    assert found["rising"]
    assert found["sent"] == [[0, {"a": 0}], [120, {"a": 11}], [240, {"a": 23}], [360, {"a": 29}]]


def test_choices__of_several_names_are_told_together() -> None:
    found = told([0, "choose", "a", 1], [5, "choose", "b", 2], [6, "choose", "a", 3], [500, "choose", "b", 4])
    assert found["sent"] == [[0, {"a": 1}], [120, {"b": 2, "a": 3}], [500, {"b": 4}]]


def test_what_python_says__holds_once_it_has_heard_of_the_last_choice() -> None:
    found = told(
        [0, "choose", "a", 1], [10, "choose", "a", 2], [130, "heard", 0], [140, "heard", 1],
        [300, "choose", "a", 3], [310, "refused", "a"],
    )  # fmt: skip
    assert found["seen"] == [1, 2, 2, "theirs", 3, "theirs"]


def test_refusal__does_not_undo_what_a_hand_has_chosen_since() -> None:
    found = told([0, "choose", "a", "wrong"], [10, "choose", "a", 2], [20, "refused", "a"], [30, "look"])
    assert found["seen"] == ["wrong", 2, 2, 2]
    assert found["sent"][-1] == [120, {"a": 2}]
