// Zoom and pan: wheel (over an axis that axis alone), drag, box, keys, double click.

let box = null, drag = null

function setView(next) {
  const [first, last] = meta.view, whole = last - first
  let [begin, end, low, high] = next
  // Not below the steps that can be told apart, not beyond the session.
  const length = Math.min(Math.max(end - begin, 200), whole), height = Math.max(high - low, tick)
  const most = RULES.farthest * (meta.view[3] - meta.view[2])
  begin = Math.min(Math.max((begin + end - length) / 2, first), last - length)
  const middle = (low + high) / 2, tall = Math.min(height, Math.max(most, meta.view[3] - meta.view[2]))
  view = [begin, begin + length, middle - tall / 2, middle + tall / 2]
  refresh()
  requestDraw()
  writeAddress()
}

// What lies at (x, y) comes to lie at `to`.
function zoom(factorX, factorY, x, y, to = [x, y]) {
  const plot = plotOf(), [begin, end, low, high] = view
  const length = (end - begin) * factorX, height = (high - low) * factorY
  const left = plot.time(x) - (to[0] - plot.left) / plot.width * length
  const top = plot.price(y) + (to[1] - plot.top) / plot.height * height
  setView([left, left + length, top - height, top])
}

function pan(dx, dy) {
  const plot = plotOf(), [begin, end, low, high] = view
  const time = -dx / plot.width * (end - begin), price = dy / plot.height * (high - low)
  setView([begin + time, end + time, low + price, high + price])
}

function place(event) {
  const {left, top} = pointer.getBoundingClientRect()
  return [event.clientX - left, event.clientY - top]
}

function wheel(event) {
  event.preventDefault()
  const plot = plotOf(), [x, y] = place(event)
  const lines = event.deltaMode == 1 ? 24 : event.deltaMode == 2 ? 400 : 1
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) return pan(-event.deltaX * lines, 0)
  const factor = Math.exp(Math.max(-300, Math.min(300, event.deltaY * lines)) * 0.0016)
  const onPrices = x > plot.right, onTimes = y > plot.bottom
  zoom(onPrices ? 1 : factor, onTimes && !onPrices ? 1 : factor, Math.min(x, plot.right), Math.min(y, plot.bottom))
}

function pointerDown(event) {
  if (event.button != 0) return
  pointer.setPointerCapture(event.pointerId)
  const at = place(event), plot = plotOf()
  fingers.set(event.pointerId, at)
  if (fingers.size > 1) {
    box = drag = null
    return
  }
  const inside = at[0] <= plot.right && at[1] <= plot.bottom
  if (inside && (choice.box || event.shiftKey)) box = {from: at, to: at}
  else drag = {at, along: at[0] > plot.right ? "y" : at[1] > plot.bottom ? "x" : "xy"}
  hideTooltip()
}

function pointerMove(event) {
  const at = place(event), plot = plotOf()
  if (pinch(event.pointerId, at)) return
  pointer.className = drag ? "grabbing" : at[0] > plot.right ? "along" : at[1] > plot.bottom ? "across" : ""
  if (box) box.to = at
  else if (drag) {
    pan(drag.along == "y" ? 0 : at[0] - drag.at[0], drag.along == "x" ? 0 : at[1] - drag.at[1])
    drag.at = at
    return
  } else hover(at)
  drawPointer(at)
}

function pointerUp(event) {
  fingers.delete(event.pointerId)
  if (box) {
    const plot = plotOf(), [x0, x1] = [box.from[0], box.to[0]].sort((a, b) => a - b)
    const [y0, y1] = [box.from[1], box.to[1]].sort((a, b) => a - b)
    if (x1 - x0 > 4 && y1 - y0 > 4) setView([plot.time(x0), plot.time(x1), plot.price(y1), plot.price(y0)])
  }
  box = drag = null
  pointer.className = ""
  drawPointer(null)
}

const KEYS = {
  ArrowLeft: plot => pan(plot.width / 10, 0),
  ArrowRight: plot => pan(-plot.width / 10, 0),
  ArrowUp: plot => pan(0, plot.height / 10),
  ArrowDown: plot => pan(0, -plot.height / 10),
  "+": plot => zoom(0.8, 0.8, plot.left + plot.width / 2, plot.top + plot.height / 2),
  "=": plot => KEYS["+"](plot),
  "-": plot => zoom(1.25, 1.25, plot.left + plot.width / 2, plot.top + plot.height / 2),
  0: () => setView(meta.view),
}

function keyDown(event) {
  if (!(event.key in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  KEYS[event.key](plotOf())
}

function watchView() {
  pointer.addEventListener("wheel", wheel, {passive: false})
  pointer.addEventListener("pointerdown", pointerDown)
  pointer.addEventListener("pointermove", pointerMove)
  pointer.addEventListener("pointerup", pointerUp)
  pointer.addEventListener("pointercancel", pointerUp)
  pointer.addEventListener("pointerleave", () => {
    hideTooltip()
    if (!box && !drag) drawPointer(null)
  })
  pointer.addEventListener("dblclick", () => setView(meta.view))
  chart.addEventListener("keydown", keyDown)
}
