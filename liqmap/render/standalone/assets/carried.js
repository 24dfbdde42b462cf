// The carried part of a frame under a half-life and a prune, and cells finished from both parts.
// w(a) = 2 ** (-a * rate) for ages a (ns) below prune. Every carried size decays at one rate, so from column to
// column of even width a size is multiplied by one factor. Nothing is subtracted, so an empty cell is exactly 0.

const UNKNOWN = 0, OBSERVED = 1, CARRIED = 2

function carryOf(halfLife, prune) {
  return {rate: halfLife === null ? 0 : 1 / halfLife, prune: prune === null ? NEVER : prune}
}

function weight(age, rate) {
  return age == 0 || rate == 0 ? 1 : Math.exp(-age * rate * Math.LN2)
}

// Integral of the weight over ages from `age` on, for `width` ns, without cancellation: where little fades, by the
// series of (1 - exp(-x)) / x, to 1e-12.
function integral(age, width, rate) {
  const x = width * rate * Math.LN2
  const mean = x > 0.1 ? (1 - Math.exp(-x)) / x
    : 1 - x / 2 * (1 - x / 3 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6 * (1 - x / 7 * (1 - x / 8))))))
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
// What is `settled` of the frame may be null.
function carry(side, agg, columns, rows, carrying, observed, cells, settled, again) {
  const P = rows.length - 1, T = columns.count, {rate, prune} = carrying
  const partial = new Float64Array(T), carried = new Uint8Array(T)
  const add = {peak: carryPeak, mean: carryMean, last: carryLast}[agg]
  const ready = settled && settledHolds(agg, carrying), pieces = ready ? settled.rest : side.piece
  let level = firstFrom(side.levels, rows[0])
  for (let r = 0; r < P; r++) {
    const from = r * T
    const begin = level
    while (level < side.levels.length && side.levels[level] < rows[r + 1]) level++
    if (cells.changing[r] && prune > 0) {
      if (ready) addSettled(agg, settled, r, rate, partial, carried)
      for (let k = begin; k < level; k++) add(pieces, k, columns, rate, prune, partial, carried)
      finishCarried(agg, reachOf(side, rows[r], rows[r + 1]), columns, observed, from, partial, carried, cells)
      partial.fill(0)
      carried.fill(0)
    } else if (cells.changing[r] || !again) finishPlain(reachOf(side, rows[r], rows[r + 1]), observed, from, T, cells)
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
function reachOf(side, low, high) {
  if (low >= high) return NaN
  return side.outward < 0 ? 1 - high : low
}

function finishPlain(reach, {values, bound}, from, T, {liquidity, state}) {
  for (let c = 0; c < T; c++) {
    const seen = values[from + c], known = bound[c] >= reach || seen > 0
    state[from + c] = known ? OBSERVED : UNKNOWN
    liquidity[from + c] = known ? seen : NaN
  }
}

function finishCarried(agg, reach, {count, per}, {values, bound}, from, partial, carried, {liquidity, state}) {
  for (let c = 0; c < count; c++) {
    const seen = values[from + c], known = bound[c] >= reach || seen > 0
    const held = agg == "mean" ? partial[c] * per[c] : partial[c]
    state[from + c] = known ? OBSERVED : carried[c] ? CARRIED : UNKNOWN
    liquidity[from + c] = !known && !carried[c] ? NaN : agg == "peak" ? Math.max(seen, held) : seen + held
  }
}
