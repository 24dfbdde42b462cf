// What lies under the pointer: a crosshair with its price and time, and a tooltip of the cell.

let hovered = null, asking = false

function drawPointer(at) {
  const ctx = cleared(pointer), plot = plotOf(), colours = meta.themes[choice.theme].css
  if (box) {
    ctx.fillStyle = ctx.strokeStyle = colours.accent
    const area = [...box.from, box.to[0] - box.from[0], box.to[1] - box.from[1]]
    ctx.globalAlpha = 0.16
    ctx.fillRect(...area)
    ctx.globalAlpha = 1
    ctx.strokeRect(...area)
  }
  if (!at || at[0] > plot.right || at[1] > plot.bottom || at[0] < plot.left || at[1] < plot.top) return
  const [x, y] = at
  ctx.strokeStyle = colours.muted
  ctx.globalAlpha = 0.7
  ctx.setLineDash([3, 3])
  ctx.beginPath()
  ctx.moveTo(plot.left, Math.round(y) + 0.5)
  ctx.lineTo(plot.right, Math.round(y) + 0.5)
  ctx.moveTo(Math.round(x) + 0.5, plot.top)
  ctx.lineTo(Math.round(x) + 0.5, plot.bottom)
  ctx.stroke()
  ctx.setLineDash([])
  ctx.globalAlpha = 1
  ctx.font = FONT
  const level = Math.floor(plot.price(y) / tick + 1e-9) * tick
  tag(ctx, price(level, places), plot.right + 4, y - 10, colours)
  const time = clock(plot.time(x), (view[1] - view[0]) / plot.width).time
  const wide = ctx.measureText(time).width + 10
  tag(ctx, time, Math.min(Math.max(x - wide / 2, plot.left), plot.right - wide), plot.bottom + 4, colours)
}

function tag(ctx, text, x, y, colours) {
  const width = ctx.measureText(text).width + 10
  ctx.fillStyle = colours.track
  ctx.fillRect(x, y, width, 20)
  ctx.fillStyle = colours.text
  ctx.textAlign = "left"
  ctx.textBaseline = "middle"
  ctx.fillText(text, x + 5, y + 10.5)
}

// Ask the worker for the cell; while it answers, only the last place counts.
async function hover(at) {
  hovered = at
  if (asking) return
  asking = true
  for (let asked = null; hovered && asked !== hovered;) {
    asked = hovered
    const plot = plotOf(), inside = asked[0] < plot.right && asked[1] < plot.bottom && asked[0] >= plot.left
    const cell = inside && asked[1] >= plot.top
      ? await call("cell", {time: plot.time(asked[0]), price: plot.price(asked[1])}) : null
    if (cell && hovered) showTooltip(asked, cell)
    else hideTooltip(false)
  }
  asking = false
}

function hideTooltip(forget = true) {
  if (forget) hovered = null
  tooltip.hidden = true
}

const STATES = Object.keys(RULES.states)

// As the app has them (liqmap.render.frames.readout), in its order.
function cellRows(cell) {
  const time = clock(cell.left, Math.min(cell.right - cell.left, NS.ms)), lit = cell.side !== null
  const from = price(cell.low * tick, places), to = price((cell.high - 1) * tick, places)
  const rows = [["time", `${time.date} ${time.time}`], ["price", from == to ? from : `${from} – ${to}`]]
  if (!lit && !cell.size && !cell.known) return [...rows, ["state", "unknown"]]
  const per = perWords(cell.high - cell.low), size = `${exact(cell.size)} ${meta.units.size}${per}`
  const worth = meta.worth == "price" ? (cell.low + cell.high - 1) / 2 * tick : meta.worth
  const notional = worth === null ? "–" : `${money(cell.size * worth)} ${meta.units.price}${per}`
  const state = lit ? STATES[cell.state] : cell.size ? RULES.notDrawn : "empty"
  const age = cell.age === null ? "–" : duration(roundAge(cell.age))
  return [...rows, ["side", lit ? RULES.sides[cell.side] : "–"], ["size", size], ["notional", notional],
    ["state", state], ["age", age]]
}

function showTooltip([x, y], cell) {
  const colours = meta.themes[choice.theme].palettes[choice.palette].bars[cell.side ?? 0]
  tooltip.replaceChildren(Object.assign(document.createElement("table"), {}))
  for (const [name, value] of cellRows(cell)) {
    const row = tooltip.firstChild.insertRow(), head = document.createElement("th")
    head.textContent = name
    row.append(head)
    row.insertCell().textContent = value
    if (name == "side" && cell.side !== null) {
      const key = Object.assign(document.createElement("i"), {className: "key"})
      key.style.background = colours
      row.lastChild.prepend(key)
    }
  }
  tooltip.hidden = false
  const {offsetWidth: wide, offsetHeight: tall} = tooltip, plot = plotOf()
  const left = x + 18 + wide < plot.right ? x + 18 : x - 18 - wide
  const top = y + 18 + tall < plot.bottom ? y + 18 : y - 18 - tall
  tooltip.style.transform = `translate(${Math.max(left, 0)}px, ${Math.max(top, 0)}px)`
}
