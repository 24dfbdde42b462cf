// Carried pieces of a frame, sorted once for every half-life and prune (see liqmap.raster.short_pieces). Where a piece
// begins within a column, what it gives to that column is its head: most pieces are back within seconds and are
// nothing else. What goes on beyond the next edge is a crossing (see crossing.js).
//
// A peak is at its largest when it begins, and the instant before an edge sees nothing of a head. For a mean a few
// moments of the series of the integral stand for all heads of a cell:
//
//   integral of 2 ** (-t / h) over 0 to d  =  sum over m of  (-k) ** m * d ** (m + 1) / (m + 1)!    with k = ln 2 / h
//
// below 2e-7 of the value off while no head is longer than a half-life. Longer ones are summed one by one.

const SHORT = 5e9, MOMENTS = 8

function* settle(side, agg, columns, rows) {
  const P = rows.length - 1, {first, seen, end, size} = side.piece, n = seen.length
  const left = columns.edges[0], right = columns.edges[columns.count]
  const heads = emptyHeads(P, n)
  const crossing = {first: new Int32Array(P + 1), column: new Int32Array(n), piece: new Int32Array(n)}
  let level = firstFrom(side.levels, rows[0]), head = 0, cross = 0
  for (let r = 0; r < P; r++) {
    for (; level < side.levels.length && side.levels[level] < rows[r + 1]; level++) {
      let i = firstAfter(end, first[level], first[level + 1], left)
      for (; i < first[level + 1] && seen[i] < right; i++) {
        if (!(seen[i] < end[i])) continue
        const within = seen[i] >= left, j = within ? columnOf(seen[i], columns) : 0, edge = columns.edges[j + 1]
        if (within && agg != "last") {
          heads.column[head] = j
          heads.length[head] = Math.min(end[i], edge) - seen[i]
          heads.size[head++] = size[i]
        }
        if (!goesOn(agg, within, end[i], edge)) continue
        crossing.column[cross] = agg == "last" || !within ? j : j + 1
        crossing.piece[cross++] = i
      }
    }
    heads.first[r + 1] = head
    crossing.first[r + 1] = cross
    if (r % 8 == 7) yield
  }
  const some = cut(heads, head)
  const byLimit = new Map([[0, agg == "peak" ? yield* largest(some, columns.count) : {rest: some}]])
  return {agg, heads: byLimit, crossing: crossingsOf(side.piece, cut(crossing, cross), columns)}
}

function emptyHeads(rows, n) {
  return {
    first: new Int32Array(rows + 1), column: new Int32Array(n), length: new Float64Array(n), size: new Float64Array(n),
  }
}

// Whether a piece reaches a column after its head; a last size counts at the edge itself.
function goesOn(agg, within, end, edge) {
  return agg == "last" ? end >= edge : !within || end > edge
}

function cut({first, ...columns}, n) {
  return {first, ...Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice(0, n)]))}
}

// Heads by cell: the largest.
function* largest(heads, count) {
  const {first, column, size} = heads, place = new Int32Array(count).fill(-1)
  const cells = {first: new Int32Array(first.length), column: new Int32Array(column.length)}
  cells.sums = new Float64Array(column.length)
  let n = 0
  for (let r = 0; r + 1 < first.length; r++) {
    for (let i = first[r]; i < first[r + 1]; i++) {
      const j = column[i]
      if (place[j] < cells.first[r]) {
        place[j] = n
        cells.column[n++] = j
      }
      if (size[i] > cells.sums[place[j]]) cells.sums[place[j]] = size[i]
    }
    cells.first[r + 1] = n
    if (r % 8 == 7) yield
  }
  return cut(cells, n)
}

// Heads by cell, up to a length: their moments. And the longer ones.
function* momentsOf(heads, count, limit) {
  const {first, column, length, size} = heads, n = column.length, place = new Int32Array(count).fill(-1)
  const cells = {first: new Int32Array(first.length), column: new Int32Array(n)}, sums = []
  const rest = emptyHeads(first.length - 1, n)
  let cell = 0, left = 0
  for (let r = 0; r + 1 < first.length; r++) {
    for (let i = first[r]; i < first[r + 1]; i++) {
      const j = column[i]
      if (length[i] > limit) {
        rest.column[left] = j
        rest.length[left] = length[i]
        rest.size[left++] = size[i]
        continue
      }
      if (place[j] < cells.first[r]) {
        place[j] = cell
        cells.column[cell++] = j
        for (let m = 0; m < MOMENTS; m++) sums.push(0)
      }
      addMoments(sums, place[j] * MOMENTS, size[i], length[i] / limit)
    }
    cells.first[r + 1] = cell
    rest.first[r + 1] = left
    if (r % 8 == 7) yield
  }
  return {...cut(cells, cell), limit, sums: Float64Array.from(sums), rest: cut(rest, left)}
}

function addMoments(sums, at, size, length) {
  let term = size
  for (let m = 0; m < MOMENTS; m++) {
    term *= length / (m + 1)
    sums[at + m] += term
  }
}

// Lengths up to which the heads of a mean may be settled: twice as long each, and no head is longer than a column.
function limitsOf({edges}) {
  const limits = [0], width = edges[1] - edges[0]
  for (let limit = SHORT; limit < width; limit *= 2) limits.push(limit)
  return [...limits, width]
}

// The heads to draw from under a half-life and a prune: by the longest limit that holds.
function* headsUnder({agg, heads}, columns, {rate, prune}) {
  const limit = agg == "mean" ? limitsOf(columns).filter(limit => limit * rate <= 1 && limit <= prune).at(-1) : 0
  if (!heads.has(limit)) heads.set(limit, yield* momentsOf(heads.get(0).rest, columns.count, limit))
  return heads.get(limit)
}

function addHeads(agg, heads, r, {rate, prune}, row) {
  if (agg == "peak") addLargest(heads, r, row)
  else if (agg == "mean") {
    if (heads.sums) addSums(heads, r, rate, row)
    addEach(heads.rest, r, rate, prune, row)
  }
}

function addLargest({first, column, sums}, r, {partial, more}) {
  for (let n = first[r]; n < first[r + 1]; n++) {
    const j = column[n]
    partial[j] = sums[n]
    more[j]++
    more[j + 1]--
  }
}

function addSums({first, column, sums, limit}, r, rate, {partial, more}) {
  const k = rate * Math.LN2 * limit
  for (let n = first[r]; n < first[r + 1]; n++) {
    const j = column[n]
    let value = sums[n * MOMENTS + MOMENTS - 1]
    for (let m = MOMENTS - 2; m >= 0; m--) value = sums[n * MOMENTS + m] - k * value
    partial[j] = value * limit
    more[j]++
    more[j + 1]--
  }
}

function addEach({first, column, length, size}, r, rate, prune, {partial, more}) {
  for (let n = first[r]; n < first[r + 1]; n++) {
    const j = column[n]
    partial[j] += size[n] * integral(0, length[n] < prune ? length[n] : prune, rate)
    more[j]++
    more[j + 1]--
  }
}
