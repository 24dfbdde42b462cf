// The worker: holds the book, answers one message at a time.

// The share of the liquidity drawn in a view that is carried: on cells of its own, as every face has it.
function shareIn({view: [begin, end, low, high], halfLife, prune, agg, ...choice}, scale) {
  const edges = timeColumns(begin, end, RULES.share[0], nice.times)
  const rows = priceRows(low, high, RULES.share[1], tick, nice.rows)
  return shareOf(drawFrame(book, edges, rows, halfLife, prune, agg, keptShare), scale, choice)
}

let book = null, nice = null, coarse = null, tick = 1, session = null, last = null

const answers = {
  async open({data, header, lattices, blocks, tickSize, sizes}) {
    const bytes = await unpack(data)
    book = decodeBook(bytes, header)
    nice = lattices
    coarse = blocks
    tick = tickSize
    session = Object.fromEntries(Object.entries(sizes).map(([agg, some]) => [agg, some.map(Math.fround)]))
    book.sides.forEach((side, s) => side.outward = s == 0 ? -1 : 1)
    const touch = book.sides.map(({quote}) => quote)
    return {trades: book.trades, touch, spans: book.sides.reduce((n, side) => n + side.start.length, 0)}
  },

  frame(ask) {
    const began = performance.now()
    const {view: [begin, end, low, high], size: [width, height], agg} = ask
    const edges = timeColumns(begin, end, width, nice.times)
    const rows = priceRows(low, high, height, tick, nice.rows)
    const frame = drawFrame(book, edges, rows, ask.halfLife, ask.prune, agg)
    const sizes = ask.stable ? session[agg] : frameSizes(frame)
    const scale = scaleBetween(sizes, ask)
    const pixels = shade(frame, scale, ask)
    last = {frame, scale, ask}
    wishBlocks(book, agg, edges, rows, coarse)
    return {
      image: {pixels, width: edges.length - 1, height: rows.length - 1},
      bounds: [edges[0], edges[edges.length - 1], rows[0] * tick, rows[rows.length - 1] * tick],
      steps: [edges[1] - edges[0], rows[1] - rows[0]],
      scale: {low: scale.low, high: scale.high, sizes: [0, 0.5, 1].map(scale.size)},
      sizes,
      share: shareIn(ask, scale),
      blocks: sidesFor(book, agg, edges, rows).count ?? null,
      ms: performance.now() - began,
    }
  },

  // The cell under the pointer, of the picture last drawn.
  cell({time, price}) {
    if (!last) return null
    const {frame, scale, ask} = last, {columns, rows} = frame, {edges, count} = columns
    const ticks = Math.floor(price / tick + 1e-9)
    if (time < edges[0] || time >= edges[count] || ticks < rows[0] || ticks >= rows[rows.length - 1]) return null
    const j = columnOf(time, columns), r = Math.floor((ticks - rows[0]) / (rows[1] - rows[0]))
    const found = tellCell(book, frame, j, r, ask, scale, carryOf(ask.halfLife, ask.prune))
    return {...found, left: edges[j], right: edges[j + 1], low: rows[r], high: rows[r + 1]}
  },

  // Once all that is done ahead is done.
  async rested() {
    while (ahead.size) await new Promise(done => setTimeout(done, 5))
  },

  // The numbers of the picture last drawn.
  drawn() {
    const {columns, rows, cells} = last.frame
    return {edges: columns.edges, rows, liquidity: cells.map(c => c.liquidity), state: cells.map(c => c.state)}
  },

  grid({edges, rows, halfLife, prune, agg}) {
    const {cells} = drawGrid(book, Float64Array.from(edges), Float64Array.from(rows), halfLife, prune, agg)
    return {liquidity: cells.map(c => c.liquidity), state: cells.map(c => c.state)}
  },
}

onmessage = async ({data: {id, kind, ask}}) => {
  try {
    const answer = await answers[kind](ask)
    postMessage({id, answer}, answer?.image ? [answer.image.pixels.buffer] : [])
  } catch (error) {
    postMessage({id, error: String(error.stack ?? error)})
  }
}
