// Frames: the cells of a view, and of the last view what its next slider step needs.

const kept = {key: "", carry: "", frame: null}

// Both sides on even edges. What does not depend on half-life and prune is kept for the next call.
function drawFrame(book, edges, rows, halfLife, prune, agg) {
  const key = [agg, edges.length, edges[0], edges[1], rows.length, rows[0], rows[1]].join()
  const carrying = [halfLife, prune].join(), again = kept.key == key
  if (again && kept.carry == carrying) return kept.frame
  if (!again) {
    const frame = kept.frame = startFrame(book, edges, rows, agg)
    whenIdle("settle", () => settleAhead(book, frame), true)
  }
  Object.assign(kept, {key, carry: carrying})
  return finishFrame(book, kept.frame, halfLife, prune, again)
}

function finishFrame(book, frame, halfLife, prune, again) {
  const {agg, columns, rows, observed, cells} = frame, carrying = carryOf(halfLife, prune)
  // From the second time that a frame is drawn: a pan draws each only once.
  if (again && !frame.settled) frame.settled = book.sides.map(side => finish(settle(side, agg, columns, rows)))
  for (const s of [0, 1]) {
    carry(book.sides[s], agg, columns, rows, carrying, observed[s], cells[s], frame.settled?.[s], again)
  }
  return frame
}

function* settleAhead(book, frame) {
  const settled = []
  for (const side of book.sides) settled.push(yield* settle(side, frame.agg, frame.columns, frame.rows))
  frame.settled ??= settled
  if (frame.agg != "mean") return
  for (const limit of limitsOf(frame.columns).slice(1)) {
    for (const side of frame.settled) yield* headsUnder(side, frame.columns, {rate: 1 / limit, prune: NEVER})
  }
}

function startFrame(book, edges, rows, agg) {
  const columns = columnsOf(edges), count = columns.count * (rows.length - 1)
  const observed = sidesFor(book, agg, edges, rows).sides.map(side => observe(side, agg, columns, rows))
  const cells = book.sides.map(side => ({
    liquidity: new Float32Array(count),
    state: new Uint8Array(count),
    changing: rowsWithPieces(side, columns, rows),
  }))
  return {agg, columns, rows, observed, cells}
}

// Any edges, even or not; nothing is kept.
function drawGrid(book, edges, rows, halfLife, prune, agg) {
  return finishFrame(book, startFrame(book, edges, rows, agg), halfLife, prune, false)
}

// A mean is coloured by liquidity per tick, so that zoom keeps brightness.
function perTick(frame) {
  return frame.agg == "peak" ? 1 : 1 / (frame.rows[1] - frame.rows[0])
}

const {columns: COLUMNS, cells: CELLS} = RULES.sample, ROWS = 16

// Sizes lit in columns spread over the session, at rows of so many ticks: of them the scale of all its views is cut,
// so that panning keeps it (see liqmap.render.frames.scale). Nothing carried counts.
const litKept = new Map()
function litOfSession(book, session, agg, ticks, nice) {
  const step = 2 ** Math.floor(Math.log2(Math.max(ticks, 1)))
  finish(lookAtSession(book, session, agg, step, nice))
  // Zooming in comes to finer rows.
  for (let finer = 1; finer < step; finer *= 2) {
    if (!litKept.has(`${agg},${finer}`)) whenIdle(`lit,${agg},${finer}`, () => lookAtSession(book, session, agg, finer, nice))
  }
  return {below: litKept.get(`${agg},${step}`), unit: agg == "peak" ? 1 : 1 / step}
}

// Some rows at a time.
function* lookAtSession(book, [begin, end, low, high], agg, step, nice) {
  if (litKept.has(`${agg},${step}`)) return
  const first = Math.trunc(low / tick), rows = lattice(first, Math.max(Math.trunc(high / tick), first + 1), step)
  let edges = timeColumns(begin, end, COLUMNS, nice.times)
  const count = Math.max(8, Math.floor(CELLS / (2 * rows.length)))
  if (count < Math.floor(edges.length / 2)) {
    const some = Array.from({length: count}, (_, k) => Math.trunc(k * (edges.length - 2) / (count - 1)))
    edges = Float64Array.from(new Set(some.flatMap(k => [edges[k], edges[k + 1]]))).sort()
  }
  const widths = edges.subarray(1).map((edge, j) => edge - edges[j]), least = Math.min(...widths)
  const columns = [...widths.keys()].filter(j => widths[j] == least), lit = newLit()
  for (let r = 0; r + 1 < rows.length; r += ROWS) {
    addLit(lit, drawGrid(book, edges, rows.subarray(r, r + ROWS + 1), null, 0, agg), columns)
    yield
  }
  litKept.set(`${agg},${step}`, countsBelow(litSizes(lit)))
}

// What the cell at a column and row tells of the side that shows there; null outside.
function tellCell(book, frame, j, r, {shown, strength, carriedShown}, scale, {rate, prune}) {
  const {columns, rows, cells} = frame, at = r * columns.count + j
  const strong = shown.map((on, s) => {
    const {liquidity, state} = cells[s]
    if (!on || state[at] == UNKNOWN || (state[at] == CARRIED && carriedShown == "hide")) return -1
    return scale.place(liquidity[at] * perTick(frame)) * (state[at] == CARRIED ? strength : 1)
  })
  const s = strong[1] > strong[0] ? 1 : 0
  const known = cells.map(({state}) => state[at])
  const {liquidity, state} = cells[s], size = strong[s] < 0 || !(liquidity[at] > 0) ? 0 : liquidity[at] * perTick(frame)
  const age = state[at] == CARRIED && size > 0
    ? ageOf(book.sides[s], columns.edges[j], columns.edges[j + 1], rows[r], rows[r + 1], rate, prune) : null
  return {side: s, size, state: state[at], known, age}
}

// Age (ns) at the right edge of the carried size that is largest there or was last.
function ageOf({levels, piece: {first, seen, end, size}}, left, right, low, high, rate, prune) {
  let best = -1, age = null
  for (let level = firstFrom(levels, low); level < levels.length && levels[level] < high; level++) {
    for (let i = firstAfter(end, first[level], first[level + 1], left); i < first[level + 1] && seen[i] < right; i++) {
      const now = Math.min(right, end[i], seen[i] + prune)
      const value = size[i] * weight(Math.max(left - seen[i], 0), rate)
      if (now > left && now > seen[i] && value > best) {
        best = value
        age = now - seen[i]
      }
    }
  }
  return age
}
