// What lies over the heatmap, as liqmap.render.marks.overlays has them: the touch as steps, traded volume as bubbles.

const NO_QUOTE = RULES.noQuote, BUY = 1, SELL = 2

// The touch in view as stretches [x, until, y of bid, y of ask], half a tick up: in the middle of its tick's cell;
// NaN where there is none. Of steps within a pixel the last.
function touchSteps(touch, plot) {
  const [begin, end] = plot.times, stop = Math.min(end, meta.last), steps = []
  const past = touch.map(({start}) => firstAfter(start, 0, start.length, begin))
  const nextOf = s => past[s] < touch[s].start.length ? touch[s].start[past[s]] : Infinity
  const yOf = s => {
    const ticks = past[s] ? touch[s].tick[past[s] - 1] : NO_QUOTE
    return ticks == NO_QUOTE ? NaN : plot.y((ticks + 0.5) * tick)
  }
  for (let now = begin; now < stop;) {
    const x = plot.x(now), until = plot.time(x + 1)
    for (const s of [0, 1]) while (nextOf(s) < until) past[s]++
    const then = Math.min(nextOf(0), nextOf(1), stop)
    steps.push([x, plot.x(then), yOf(0), yOf(1)])
    now = then
  }
  return steps
}

// One line of the steps; where `y` gives NaN there is none.
function linePath(steps, y) {
  const path = new Path2D()
  let pen = false
  for (const step of steps) {
    const at = y(step)
    if (at !== at) pen = false
    else {
      if (pen) path.lineTo(step[0], at)
      else path.moveTo(step[0], at)
      path.lineTo(step[1], at)
      pen = true
    }
  }
  return path
}

// Best bid and best ask; one line at their mid where the spread is too narrow for two. Gives which there are.
function drawTouch(ctx, plot, colours) {
  const steps = touchSteps(touch, plot), isNarrow = ([, , bid, ask]) => Math.abs(bid - ask) < meta.marks.narrow
  ctx.lineWidth = meta.marks.touchWidth
  ctx.lineJoin = "bevel"
  const line = (name, y) => {
    ctx.strokeStyle = colours[name]
    ctx.stroke(linePath(steps, y))
  }
  line("best-ask", step => isNarrow(step) ? NaN : step[3])
  line("best-bid", step => isNarrow(step) ? NaN : step[2])
  line("mid", step => isNarrow(step) ? (step[2] + step[3]) / 2 : NaN)
  const one = steps.some(isNarrow)
  return {one, two: steps.some(step => !isNarrow(step) && (step[2] === step[2] || step[3] === step[3])), steps}
}

// The trades in view.
function tradesIn({time, price}, {times: [begin, end], prices: [low, high]}) {
  const shown = []
  for (let i = firstFrom(time, begin); i < time.length && time[i] < end; i++) {
    if (price[i] >= low && price[i] <= high) shown.push(i)
  }
  return shown
}

// How many bubbles a view of so many pixels bears, and the radius of the largest.
function bubbleRoom(width, height) {
  const {bubbles, largest, room: [wide, tall, least]} = meta.marks
  const scale = Math.min(Math.max(Math.sqrt(Math.round(width) * Math.round(height) / (wide * tall)), least), 1)
  return [rint(bubbles * scale), largest * scale]
}

// The largest volumes of the view: a trade each where there are few, else those of one aggressor in one square.
function bubblesOf({time, price, size, aggressor}, shown, {times: [begin, end], prices: [low, high], width, height}) {
  const {cell} = meta.marks, [bubbles] = bubbleRoom(width, height), many = shown.length > bubbles
  const wide = Math.max(1, Math.floor((end - begin) * cell / Math.round(width))), tall = (high - low) * cell / Math.round(height)
  const past = Number(BigInt(meta.spans.base) % BigInt(wide)), before = Math.floor((begin + past) / wide)
  const first = Math.floor(low / tall), rows = Math.floor(high / tall) - first + 1, groups = new Map()
  for (const i of shown) {
    const square = (Math.floor((time[i] + past) / wide) - before) * rows + Math.floor(price[i] / tall) - first
    const key = many ? square * 3 + aggressor[i] : i
    let group = groups.get(key)
    if (!group) groups.set(key, group = {key, size: 0, time: 0, price: 0, aggressor: aggressor[i]})
    group.size += size[i]
    group.time += size[i] * (time[i] - begin)
    group.price += size[i] * price[i]
  }
  return [...groups.values()]
    .filter(({size}) => size > 0)
    .sort((a, b) => b.size - a.size || a.key - b.key)
    .slice(0, bubbles)
    .map(({size, time, price, aggressor}) => ({size, aggressor, time: begin + time / size, price: price / size + tick / 2}))
}

function drawBubbles(ctx, bubbles, plot, colours) {
  const {least, face, rim} = meta.marks, [, largest] = bubbleRoom(plot.width, plot.height)
  for (const {size, aggressor, time, price} of bubbles) {
    ctx.beginPath()
    ctx.arc(plot.x(time), plot.y(price), Math.max(largest * Math.sqrt(size / bubbles[0].size), least), 0, 2 * Math.PI)
    ctx.globalAlpha = face
    ctx.fillStyle = colours[["unsigned", "buy", "sell"][aggressor]]
    ctx.fill()
    ctx.globalAlpha = 1
    ctx.strokeStyle = colours[["unsigned-rim", "buy-rim", "sell-rim"][aggressor]]
    ctx.lineWidth = rim
    ctx.stroke()
  }
}
