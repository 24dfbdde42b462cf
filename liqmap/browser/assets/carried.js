// The carried part of a frame under a half-life and a prune, and cells finished from both parts.
// w(a) = 2 ** (-a * rate) for ages a (ns) below prune. Every carried size decays at one rate, so from column to
// column of even width a size is multiplied by one factor. Nothing is subtracted, so an empty cell is exactly 0.

const {unknown: UNKNOWN, observed: OBSERVED, carried: CARRIED} = RULES.states

function carryOf(halfLife, prune) {
  return {rate: halfLife === null ? 0 : 1 / halfLife, prune: prune === null ? NEVER : prune}
}

function weight(age, rate) {
  return age == 0 || rate == 0 ? 1 : Math.exp(-age * rate * Math.LN2)
}

// Products, as quotients take several times as long.
const THIRD = 1 / 3, SIXTH = 1 / 6, SEVENTH = 1 / 7

// Integral of the weight over ages from `age` on, for `width` ns, without cancellation: where little fades, by the
// series of (1 - exp(-x)) / x, to 1e-12.
function integral(age, width, rate) {
  const x = width * rate * Math.LN2
  let mean
  if (x > 0.1) mean = (1 - Math.exp(-x)) / x
  else {
    mean = 1 - x * 0.2 * (1 - x * SIXTH * (1 - x * SEVENTH * (1 - x * 0.125)))
    mean = 1 - x * 0.5 * (1 - x * THIRD * (1 - x * 0.25 * mean))
  }
  return weight(age, rate) * width * mean
}

// Below what any cell can say: nothing, before arithmetic with such numbers becomes slow.
function faded(value) {
  return value < 1e-300 ? 0 : value
}

// Whether rows hold pieces that may show: only these change with half-life and prune.
function rowsWithPieces(side, columns, rows) {
  const P = rows.length - 1, out = new Uint8Array(P)
  const {first, seen, end} = side.piece, left = columns.edges[0], right = columns.edges[columns.count]
  let level = firstFrom(side.levels, rows[0])
  for (let r = 0; r < P; r++) {
    for (; level < side.levels.length && side.levels[level] < rows[r + 1]; level++) {
      const i = firstAfter(end, first[level], first[level + 1], left)
      if (i < first[level + 1] && seen[i] < right) out[r] = 1
    }
  }
  return out
}

// Finish the cells of a frame: all rows, or with `again` those alone that half-life and prune can change.
// What is `settled` of the frame may be missing.
function carry(side, agg, columns, rows, carrying, observed, cells, settled, again) {
  const P = rows.length - 1, T = columns.count
  const finishPieces = settled ? fromSettled(agg, columns, carrying, settled) : fromPieces(side, agg, columns, carrying)
  let level = firstFrom(side.levels, rows[0])
  for (let r = 0; r < P; r++) {
    const begin = level, rowEdge = rowEdgeOf(side, rows[r], rows[r + 1])
    while (level < side.levels.length && side.levels[level] < rows[r + 1]) level++
    if (cells.changing[r] && carrying.prune > 0) finishPieces(rowEdge, observed, r, cells, begin, level)
    else if (cells.changing[r] || !again) finishPlain(rowEdge, observed, r * T, T, cells)
  }
}

// Rows from what was settled of the frame.
function fromSettled(agg, columns, carrying, settled) {
  const heads = finish(headsUnder(settled, columns, carrying)), fading = fadingOf(columns, carrying)
  const row = emptyRow(columns.count)
  return (rowEdge, observed, r, cells) => {
    addHeads(agg, heads, r, carrying, row)
    addCrossings(agg, settled.crossing, r, columns, carrying, fading, row)
    finishRow(agg, rowEdge, columns, fading, observed, r * columns.count, row, cells)
  }
}

// Rows from all pieces of their levels.
function fromPieces(side, agg, columns, {rate, prune}) {
  const partial = new Float64Array(columns.count), carried = new Uint8Array(columns.count)
  const add = {peak: carryPeak, mean: carryMean, last: carryLast}[agg]
  return (rowEdge, observed, r, cells, begin, end) => {
    for (let level = begin; level < end; level++) add(side.piece, level, columns, rate, prune, partial, carried)
    finishCarried(agg, rowEdge, columns, observed, r * columns.count, partial, carried, cells)
    partial.fill(0)
    carried.fill(0)
  }
}

function carryPeak({first, seen, end, size}, level, columns, rate, prune, partial, carried) {
  const {edges, count} = columns, left = edges[0], right = edges[count], stop = first[level + 1]
  const step = columns.even ? weight(1 / columns.slope, rate) : 0
  for (let i = firstAfter(end, first[level], stop, left); i < stop && seen[i] < right; i++) {
    const a = Math.max(seen[i], left), b = Math.min(end[i], seen[i] + prune, right)
    if (!(a < b)) continue
    let j = columnOf(a, columns), value = size[i] * weight(a - seen[i], rate)
    if (value > partial[j]) partial[j] = value
    carried[j++] = 1
    if (j >= count || edges[j] >= b) continue
    value = size[i] * weight(edges[j] - seen[i], rate)
    for (; j < count && edges[j] < b; j++) {
      if (value > partial[j]) partial[j] = value
      carried[j] = 1
      value = step ? faded(value * step) : size[i] * weight(edges[j + 1] - seen[i], rate)
    }
  }
}

function carryMean({first, seen, end, size}, level, columns, rate, prune, partial, carried) {
  const {edges, count} = columns, left = edges[0], right = edges[count], stop = first[level + 1]
  const step = columns.even ? weight(1 / columns.slope, rate) : 0
  for (let i = firstAfter(end, first[level], stop, left); i < stop && seen[i] < right; i++) {
    const a = Math.max(seen[i], left), b = Math.min(end[i], seen[i] + prune, right)
    if (!(a < b)) continue
    let j = columnOf(a, columns)
    carried[j] = 1
    partial[j] += size[i] * integral(a - seen[i], Math.min(b, edges[j + 1]) - a, rate)
    if (b <= edges[++j]) continue
    let value = size[i] * integral(edges[j] - seen[i], edges[j + 1] - edges[j], rate)
    for (; edges[j + 1] <= b; j++) {
      if (!step) value = size[i] * integral(edges[j] - seen[i], edges[j + 1] - edges[j], rate)
      partial[j] += value
      carried[j] = 1
      value = faded(value * step)
    }
    if (b > edges[j]) {
      partial[j] += size[i] * integral(edges[j] - seen[i], b - edges[j], rate)
      carried[j] = 1
    }
  }
}

function carryLast({first, seen, end, size}, level, columns, rate, prune, partial, carried) {
  const {edges, count} = columns, left = edges[0], right = edges[count], stop = first[level + 1]
  const step = columns.even ? weight(1 / columns.slope, rate) : 0
  for (let i = firstAfter(end, first[level], stop, left); i < stop && seen[i] < right; i++) {
    const b = Math.min(end[i], seen[i] + prune, right)
    let j = columnOf(Math.max(seen[i], left), columns)
    if (!(edges[j + 1] <= b)) continue
    let value = size[i] * weight(edges[j + 1] - seen[i], rate)
    for (; j < count && edges[j + 1] <= b; j++) {
      partial[j] += value
      carried[j] = 1
      value = step ? faded(value * step) : size[i] * weight(edges[j + 2] - seen[i], rate)
    }
  }
}

// The tick of a row nearest to the other side, as bounds count; one without ticks is never known.
function rowEdgeOf(side, low, high) {
  if (low >= high) return NaN
  return side.outward < 0 ? 1 - high : low
}

function finishPlain(rowEdge, {values, bound}, from, T, {liquidity, state}) {
  for (let c = 0; c < T; c++) {
    const seen = values[from + c], known = bound[c] >= rowEdge || seen > 0
    state[from + c] = known ? OBSERVED : UNKNOWN
    liquidity[from + c] = known ? seen : NaN
  }
}

function finishCarried(agg, rowEdge, {count, per}, {values, bound}, from, partial, carried, {liquidity, state}) {
  const peak = agg == "peak", mean = agg == "mean"
  for (let c = 0, at = from; c < count; c++, at++) {
    const seen = values[at], carriedSize = mean ? partial[c] * per[c] : partial[c]
    if (seen > 0 || bound[c] >= rowEdge) state[at] = OBSERVED
    else if (carried[c]) state[at] = CARRIED
    else {
      state[at] = UNKNOWN
      liquidity[at] = NaN
      continue
    }
    liquidity[at] = !peak ? seen + carriedSize : carriedSize > seen ? carriedSize : seen
  }
}
