// What lies over the heatmap, as liqmap.render.overlays has it: the touch as steps, traded volume as bubbles.

const NO_QUOTE = 2 ** 40, BUBBLES = 60, BIN_PIXELS = 14

// The touch in view, half a tick up: in the middle of its tick's cell. Of steps within a pixel the last.
// With `gaps` every second stretch of so many pixels is left out: far faster than a dash along a jagged line.
function touchPath({start, tick: ticks}, plot, gaps) {
  const [begin, end] = plot.times, path = new Path2D()
  let i = Math.max(0, firstAfter(start, 0, start.length, begin) - 1), pen = false
  for (; i < start.length && start[i] < end; i++) {
    const x = plot.x(Math.max(start[i], begin))
    while (i + 1 < start.length && start[i + 1] < end && plot.x(start[i + 1]) - x < 1) i++
    const until = plot.x(Math.min(i + 1 < start.length ? start[i + 1] : meta.last, end))
    const y = plot.y((ticks[i] + 0.5) * tick)
    if (ticks[i] == NO_QUOTE || (gaps && Math.floor(x / gaps) % 2)) pen = false
    else {
      if (pen) path.lineTo(x, y)
      else path.moveTo(x, y)
      path.lineTo(until, y)
      pen = true
    }
  }
  return path
}

function drawTouch(ctx, plot, colours) {
  ctx.lineWidth = 1.3
  ctx.lineJoin = "bevel"
  const [begin, end] = plot.times
  // The best bid lies dashed over the unbroken best ask: where they fall together, both show.
  for (const [side, name, dash] of [[1, "best-ask", 0], [0, "best-bid", 8]]) {
    const {start} = touch[side], steps = firstFrom(start, end) - firstFrom(start, begin)
    const jagged = steps > plot.width / 8
    ctx.setLineDash(dash && !jagged ? [dash, dash] : [])
    ctx.strokeStyle = colours[name]
    ctx.stroke(touchPath(touch[side], plot, jagged ? dash : 0))
  }
  ctx.setLineDash([])
}

// The largest volumes of the view: trades of one aggressor close in time make one.
function bubblesOf(trades, [begin, end], width) {
  const step = Math.max(1, Math.floor((end - begin) * BIN_PIXELS / Math.max(width, 1)))
  const groups = new Map()
  for (let i = firstFrom(trades.time, begin); i < trades.time.length && trades.time[i] < end; i++) {
    const key = Math.floor(trades.time[i] / step) * 4 + trades.aggressor[i], size = trades.size[i]
    let group = groups.get(key)
    if (!group) groups.set(key, group = {size: 0, time: 0, price: 0, aggressor: trades.aggressor[i]})
    group.size += size
    group.time += size * (trades.time[i] - begin)
    group.price += size * trades.price[i]
  }
  return [...groups.values()]
    .filter(({size}) => size > 0)
    .sort((a, b) => b.size - a.size)
    .slice(0, BUBBLES)
    .map(({size, time, price, aggressor}) => ({size, aggressor, time: begin + time / size, price: price / size + tick / 2}))
}

function drawBubbles(ctx, bubbles, plot, colours) {
  const largest = bubbles.length ? bubbles[0].size : 1
  for (const {size, aggressor, time, price} of bubbles) {
    ctx.beginPath()
    ctx.arc(plot.x(time), plot.y(price), Math.max(17 * Math.sqrt(size / largest), 2.5), 0, 2 * Math.PI)
    ctx.globalAlpha = 0.47
    ctx.fillStyle = colours[["unsigned", "buy", "sell"][aggressor]]
    ctx.fill()
    ctx.globalAlpha = 1
    ctx.strokeStyle = colours[["unsigned-rim", "buy-rim", "sell-rim"][aggressor]]
    ctx.lineWidth = 1.2
    ctx.stroke()
  }
}
