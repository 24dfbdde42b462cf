// Carried pieces of a frame that lie within one column, settled once for every half-life (see liqmap.raster.settled).
// Most are back within seconds. A peak is at its largest when it begins, the instant before an edge sees nothing of
// them, and for a mean a few moments of the series of the integral stand for all of a cell:
//
//   integral of 2 ** (-t / h) over 0 to d  =  sum over m of  (-k) ** m * d ** (m + 1) / (m + 1)!    with k = ln 2 / h
//
// below 2e-7 of the value off while no piece is longer than a half-life.

const SHORT = 5e9, MOMENTS = 8

function* settle(side, agg, columns, rows) {
  const P = rows.length - 1, {first, seen, end, size} = side.piece
  const short = new Uint8Array(seen.length), cells = {first: new Int32Array(P + 1), column: [], sums: []}
  const place = new Int32Array(columns.count).fill(-1)
  const left = columns.edges[0], right = columns.edges[columns.count]
  let level = firstFrom(side.levels, rows[0])
  for (let r = 0; r < P; r++) {
    const from = cells.column.length
    for (; level < side.levels.length && side.levels[level] < rows[r + 1]; level++) {
      let i = firstAfter(seen, first[level], first[level + 1], left - 1)
      for (; i < first[level + 1] && seen[i] < right; i++) {
        const length = end[i] - seen[i]
        if (agg == "mean" && length > SHORT) continue
        const j = columnOf(seen[i], columns)
        if (end[i] >= columns.edges[j + 1]) continue
        short[i] = 1
        if (agg == "last") continue
        if (place[j] < 0) {
          place[j] = cells.column.length
          cells.column.push(j)
          for (let m = 0; m < (agg == "mean" ? MOMENTS : 1); m++) cells.sums.push(0)
        }
        if (agg == "peak") cells.sums[place[j]] = Math.max(cells.sums[place[j]], size[i])
        else addMoments(cells.sums, place[j] * MOMENTS, size[i], length / SHORT)
      }
    }
    for (let k = from; k < cells.column.length; k++) place[cells.column[k]] = -1
    if (r % 8 == 7) yield
    cells.first[r + 1] = cells.column.length
  }
  return {
    first: cells.first,
    column: Int32Array.from(cells.column),
    sums: Float64Array.from(cells.sums),
    rest: without(side.piece, short),
  }
}

function addMoments(sums, at, size, length) {
  let term = size
  for (let m = 0; m < MOMENTS; m++) {
    term *= length / (m + 1)
    sums[at + m] += term
  }
}

// The pieces that are not settled.
function without({first, seen, end, size}, short) {
  const begins = new Int32Array(first.length), kept = []
  for (let level = 0; level + 1 < first.length; level++) {
    for (let i = first[level]; i < first[level + 1]; i++) if (!short[i]) kept.push(i)
    begins[level + 1] = kept.length
  }
  const pick = values => Float64Array.from(kept, i => values[i])
  return {first: begins, seen: pick(seen), end: pick(end), size: pick(size)}
}

// Whether what is settled holds under a half-life and a prune.
function settledHolds(agg, {rate, prune}) {
  return agg == "mean" ? SHORT * rate <= 1 && prune >= SHORT : prune > 0
}

function addSettled(agg, {first, column, sums}, r, rate, partial, carried) {
  const k = rate * Math.LN2 * SHORT
  for (let n = first[r]; n < first[r + 1]; n++) {
    const j = column[n]
    carried[j] = 1
    if (agg == "peak") partial[j] = Math.max(partial[j], sums[n])
    else {
      let value = sums[n * MOMENTS + MOMENTS - 1]
      for (let m = MOMENTS - 2; m >= 0; m--) value = sums[n * MOMENTS + m] - k * value
      partial[j] += value * SHORT
    }
  }
}
