// Start: the worker, the controls, the first picture; and `window.liqmap` for programs.

const meta = JSON.parse(document.getElementById("meta").textContent)
const {tick, places} = meta, baseSeconds = Number(BigInt(meta.spans.base) / 1000000000n)
const chart = at("chart"), canvas = at("picture"), lines = at("lines"), pointer = at("pointer"), tooltip = at("tooltip")
const pictureCanvas = document.createElement("canvas")
const choice = {...meta.choice}, stops = {}

let view = meta.opened, size = [1, 1], pixelRatio = 1, picture = null, touch = null, trades = null

// The worker, made of the text in this page: no file is asked for. It answers by number.
const worker = new Worker(URL.createObjectURL(new Blob([at("worker").textContent], {type: "text/javascript"})))
const waiting = new Map()
let calls = 0
worker.onmessage = ({data: {id, answer, error}}) => {
  const {resolve, reject} = waiting.get(id)
  waiting.delete(id)
  if (error) reject(new Error(error))
  else resolve(answer)
}
worker.onerror = event => fail(event.message)

function call(kind, ask) {
  return new Promise((resolve, reject) => {
    waiting.set(++calls, {resolve, reject})
    worker.postMessage({id: calls, kind, ask})
  })
}

function fail(error) {
  at("notice").textContent = `This page cannot draw: ${error}. It needs a browser of 2023 or later.`
  at("notice").hidden = false
  throw error
}

// One frame is asked for at a time; while it is drawn, only the last choice counts.
let wanted = false, busy = false, onPainted = []
async function refresh() {
  wanted = true
  if (busy || !touch) return
  busy = true
  while (wanted) {
    wanted = false
    keepPicture(await call("frame", frameAsked()).catch(fail))
    drawPicture()
    tellPicture()
    if (hovered) hover([...hovered])
  }
  busy = false
  const done = onPainted
  onPainted = []
  for (const resolve of done) afterPaint(resolve)
}

// When the browser has shown what is drawn by now.
function afterPaint(work) {
  requestAnimationFrame(() => setTimeout(work))
}

function frameAsked() {
  const plot = plotOf()
  return {
    ...choice, view, shown: [choice.bids, choice.asks], palette: paletteNow(),
    size: [plot.width * pixelRatio, plot.height * pixelRatio].map(Math.round),
  }
}

let drawing = false
function requestDraw() {
  if (drawing) return
  drawing = true
  requestAnimationFrame(() => {
    drawing = false
    drawPicture()
    drawLines()
  })
}

function fit() {
  const {width, height} = chart.getBoundingClientRect()
  size = [Math.max(width, 1), Math.max(height, 1)]
  pixelRatio = window.devicePixelRatio || 1
  for (const layer of [canvas, lines, pointer]) {
    layer.width = Math.round(size[0] * pixelRatio)
    layer.height = Math.round(size[1] * pixelRatio)
  }
  drawPicture()
  drawLines()
  refresh()
}

async function start() {
  fillControls()
  const given = readAddress(location.hash.slice(1))
  Object.assign(choice, given.some)
  if (given.view) setView(given.view)
  window.addEventListener("hashchange", followAddress)
  dress()
  showChoice()
  at("source").textContent = at("source").title = meta.source
  new ResizeObserver(fit).observe(chart)
  watchView()
  const data = at("spans").textContent
  at("spans").remove()
  const opened = await call("open", {data, header: meta.spans, lattices: meta.lattices, blocks: meta.blocks, tickSize: tick, sizes: meta.sizes})
  touch = opened.touch
  trades = opened.trades
  at("notice").hidden = true
  await refresh()
}

const ready = start().catch(fail)

window.liqmap = {
  meta,
  ready,
  choice,
  choose,
  setView,
  get view() { return view },
  get picture() { return picture },
  // What lies over the picture: stretches of the touch, bubbles.
  get marks() { return drawn },
  plot: plotOf,
  // Once everything chosen so far is painted.
  painted: () => new Promise(resolve => {
    if (wanted || busy) onPainted.push(resolve)
    else afterPaint(resolve)
  }),
  // The last picture once more, as a measure of painting alone.
  paintAgain: drawPicture,
  // Once nothing is left that can be done ahead.
  rested: () => call("rested"),
  // The edges and cells of the picture last drawn.
  drawn: () => call("drawn"),
  // Cells of any edges: ns since `meta.spans.base`, and ticks; half-life and prune in ns, null for none.
  grid: async (edges, rows, halfLife, prune, agg) => {
    await ready
    return call("grid", {edges, rows, halfLife, prune, agg})
  },
}
