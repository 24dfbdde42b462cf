// Frames: the cells of a view, and of the last view what its next slider step needs.

// The picture, and what the share of carried is counted on.
const keptPicture = {key: "", carry: "", frame: null}, keptShare = {key: "", carry: "", frame: null}

// Both sides on even edges. What does not depend on half-life and prune is kept for the next call.
function drawFrame(book, edges, rows, halfLife, prune, agg, kept = keptPicture) {
  const key = [agg, edges.length, edges[0], edges[1], rows.length, rows[0], rows[1]].join()
  const carrying = [halfLife, prune].join(), again = kept.key == key
  if (again && kept.carry == carrying) return kept.frame
  if (!again) {
    const frame = kept.frame = startFrame(book, edges, rows, agg)
    if (kept == keptPicture) whenIdle("settle", () => settleAhead(book, frame), true)
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

// Ticks that the liquidity of a row is spread over: a mean is coloured by liquidity per tick, so that zoom keeps
// brightness.
function ticksOf({agg, rows}) {
  return agg == "peak" ? 1 : rows[1] - rows[0]
}

// What the cell at a column and row tells of the side that shows there.
function tellCell(book, frame, j, r, ask, scale, {rate, prune}) {
  const {columns, rows, cells} = frame, at = r * columns.count + j, ticks = ticksOf(frame)
  const front = frontAt(frame, at, ticks, scale, ask), hidden = ask.carriedShown == "hide" || ask.carried == 0
  const known = cells.every(({state}) => state[at] != UNKNOWN && !(hidden && state[at] == CARRIED))
  if (front < 0) {
    const unlit = Math.max(...cells.map(({liquidity, state}) => state[at] == UNKNOWN ? 0 : liquidity[at]))
    return {side: null, size: Math.fround(unlit / ticks), state: UNKNOWN, known, age: null}
  }
  const {liquidity, state} = cells[front], size = Math.fround(liquidity[at] / ticks)
  const age = state[at] == CARRIED
    ? ageOf(book.sides[front], columns.edges[j + 1], rows[r], rows[r + 1], rate, prune) : 0
  return {side: front, size, state: state[at], known, age}
}

// Age (ns) just before the right edge of what is carried in a row, weighed by effective size; null of nothing.
function ageOf({levels, piece: {first, seen, end, size}}, right, low, high, rate, prune) {
  let sum = 0, weights = 0
  for (let level = firstFrom(levels, low); level < levels.length && levels[level] < high; level++) {
    for (let i = firstFrom(end, right, first[level], first[level + 1]); i < first[level + 1] && seen[i] < right; i++) {
      const age = right - seen[i], effective = age < prune ? size[i] * weight(age, rate) : 0
      sum += effective * age
      weights += effective
    }
  }
  return weights > 0 ? Math.floor(sum / weights) : null
}
