// Carried pieces that go on beyond an edge of even columns, of a frame settled before (see settled.js). From column to
// column all of them fade by one factor, so a long one is put into blocks of columns, and each row is spread from its
// blocks once. Nothing is subtracted but counts of pieces, so an empty cell is exactly 0.

const BLOCK = 16

// With the column whose left edge a piece is first met at (for a last size: whose right edge), the one in which it
// ends, and for how long it lasts there.
function crossingsOf({seen, end, size}, {first, column, piece}, columns) {
  const {edges, count} = columns, n = piece.length
  const out = {first, column, stop: new Int32Array(n), tail: new Float64Array(n)}
  Object.assign(out, {seen: new Float64Array(n), end: new Float64Array(n), size: new Float64Array(n)})
  for (let k = 0; k < n; k++) {
    const i = piece[k], until = Math.min(end[i], edges[count])
    out.stop[k] = columnOf(until, columns)
    out.tail[k] = until - edges[out.stop[k]]
    out.seen[k] = seen[i]
    out.end[k] = end[i]
    out.size[k] = size[i]
  }
  return out
}

// How much fades from column to column, from block to block, and what a size that fades gives in a column.
function fadingOf({edges}, {rate}) {
  const width = edges[1] - edges[0]
  return {step: weight(width, rate), leap: weight(width * BLOCK, rate), whole: integral(0, width, rate)}
}

// A row to put pieces into: values by column and by block, and how many more pieces there are from a column on.
function emptyRow(count) {
  return {
    partial: new Float64Array(count),
    blocks: new Float64Array(Math.ceil(count / BLOCK)),
    more: new Int32Array(count + 1),
  }
}

function addCrossings(agg, crossing, r, columns, {rate, prune}, {step, leap, whole}, {partial, blocks, more}) {
  const {first, column, stop, tail, seen, end, size} = crossing, {edges, count} = columns
  const last = agg == "last" ? 1 : 0, mean = agg == "mean", right = edges[count]
  for (let n = first[r]; n < first[r + 1]; n++) {
    const j = column[n], edge = edges[j + last]
    let to = stop[n], rest = tail[n]
    if (end[n] - seen[n] > prune && seen[n] + prune < right) {
      const until = seen[n] + prune
      if (until < edge || (until == edge && !last)) continue
      to = columnOf(until, columns)
      rest = until - edges[to]
    }
    const value = size[n] * weight(edge - seen[n], rate)
    if (mean) {
      const then = pile(partial, blocks, j, to, value * whole, step, leap)
      if (rest > 0) partial[to++] += then / whole * integral(0, rest, rate)
    } else if (last) pile(partial, blocks, j, to, value, step, leap)
    else {
      if (rest > 0) to++
      raise(partial, blocks, j, to, value, step, leap)
    }
    more[j]++
    more[to]--
  }
}

// Adds a value to the columns from j to `to` as it fades; gives what is left of it there.
function pile(partial, blocks, j, to, value, step, leap) {
  for (; j < to && j % BLOCK; j++) {
    partial[j] += value
    value = faded(value * step)
  }
  for (; j + BLOCK <= to; j += BLOCK) {
    blocks[j / BLOCK] += value
    value = faded(value * leap)
  }
  for (; j < to; j++) {
    partial[j] += value
    value = faded(value * step)
  }
  return value
}

// The same, where the largest counts.
function raise(partial, blocks, j, to, value, step, leap) {
  for (; j < to && j % BLOCK; j++) {
    if (value > partial[j]) partial[j] = value
    value = faded(value * step)
  }
  for (; j + BLOCK <= to; j += BLOCK) {
    if (value > blocks[j / BLOCK]) blocks[j / BLOCK] = value
    value = faded(value * leap)
  }
  for (; j < to; j++) {
    if (value > partial[j]) partial[j] = value
    value = faded(value * step)
  }
}

// The cells of a row that was put together so; leaves it empty.
function finishRow(agg, rowEdge, {count, per}, {step}, {values, bound}, from, row, {liquidity, state}) {
  const {partial, blocks, more} = row, peak = agg == "peak", share = agg == "mean" ? per[0] : 1
  let pieces = 0, value = 0
  for (let c = 0, at = from; c < count; c++, at++) {
    if (c % BLOCK == 0) value = blocks[c / BLOCK]
    const carriedSize = peak ? value > partial[c] ? value : partial[c] : (partial[c] + value) * share, seen = values[at]
    value = faded(value * step)
    pieces += more[c]
    if (seen > 0 || bound[c] >= rowEdge) {
      state[at] = OBSERVED
      liquidity[at] = !peak ? seen + carriedSize : carriedSize > seen ? carriedSize : seen
    } else if (pieces > 0) {
      state[at] = CARRIED
      liquidity[at] = carriedSize
    } else {
      state[at] = UNKNOWN
      liquidity[at] = NaN
    }
  }
  partial.fill(0)
  blocks.fill(0)
  more.fill(0)
}
