// The canvas: picture, lines, bubbles, axes, in the colours of the theme.

const EDGE = {left: 4, top: 6, right: 92, bottom: 46}
const FONT = '12.5px "Inter", "Segoe UI", "Helvetica Neue", Arial, sans-serif'

// Where the view lies on the page: pixels of times and prices, and back.
function plotOf() {
  const [begin, end, low, high] = view
  const left = EDGE.left, top = EDGE.top
  const width = Math.max(size[0] - EDGE.left - EDGE.right, 1), height = Math.max(size[1] - EDGE.top - EDGE.bottom, 1)
  return {
    left, top, width, height, right: left + width, bottom: top + height,
    times: [begin, end], prices: [low, high],
    x: time => left + (time - begin) / (end - begin) * width,
    y: price => top + (high - price) / (high - low) * height,
    time: x => begin + (x - left) / width * (end - begin),
    price: y => high - (y - top) / height * (high - low),
  }
}

// Ready to be drawn on in pixels of the page, empty.
function cleared(layer) {
  const ctx = layer.getContext("2d")
  ctx.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0)
  ctx.clearRect(0, 0, ...size)
  return ctx
}

function within(ctx, {left, top, width, height}, work) {
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, top, width, height)
  ctx.clip()
  work()
  ctx.restore()
}

// The last frame, where it lies in the view of now: until the next one comes it is moved and stretched.
function drawPicture() {
  const ctx = cleared(canvas), plot = plotOf()
  if (!picture) return
  const [begin, end, low, high] = picture.bounds, left = plot.x(begin), top = plot.y(high)
  ctx.imageSmoothingEnabled = false
  within(ctx, plot, () => ctx.drawImage(pictureCanvas, left, top, plot.x(end) - left, plot.y(low) - top))
}

// What does not depend on half-life and prune; `drawn` says what of it there is in view.
let drawn = {}
function drawLines() {
  const ctx = cleared(lines), plot = plotOf(), colours = meta.themes[choice.theme].css
  within(ctx, plot, () => {
    drawGridLines(ctx, plot, colours)
    drawn = {one: false, two: false, bubbles: []}
    if (touch && choice.bbo) Object.assign(drawn, drawTouch(ctx, plot, colours))
    if (trades && choice.bubbles) drawTrades(ctx, plot, colours)
  })
  drawAxes(ctx, plot, colours)
  tellMarks(drawn)
}

// Pixels of a frame, as an image that the browser can scale.
function keepPicture({image, ...rest}) {
  picture = rest
  pictureCanvas.width = image.width
  pictureCanvas.height = image.height
  const data = new ImageData(new Uint8ClampedArray(image.pixels.buffer), image.width, image.height)
  pictureCanvas.getContext("2d").putImageData(data, 0, 0)
}

function drawGridLines(ctx, plot, colours) {
  ctx.strokeStyle = colours.lines
  ctx.lineWidth = 1
  ctx.beginPath()
  for (const {at} of timeTicks(plot.times, plot.width)) {
    const x = Math.round(plot.x(at)) + 0.5
    ctx.moveTo(x, plot.top)
    ctx.lineTo(x, plot.bottom)
  }
  for (const {at} of priceTicks(plot.prices, plot.height)) {
    const y = Math.round(plot.y(at)) + 0.5
    ctx.moveTo(plot.left, y)
    ctx.lineTo(plot.right, y)
  }
  ctx.stroke()
}

// Specks where there are more trades than bubbles, and the bubbles.
function drawTrades(ctx, plot, colours) {
  const shown = tradesIn(trades, plot), bubbles = bubblesOf(trades, shown, plot)
  if (shown.length > bubbles.length) drawSpecks(ctx, trades, shown, plot, colours)
  drawBubbles(ctx, bubbles, plot, colours)
  drawn.bubbles = bubbles
}

function drawAxes(ctx, plot, colours) {
  ctx.font = FONT
  ctx.strokeStyle = colours.grid
  ctx.lineWidth = 1
  ctx.strokeRect(plot.left - 0.5, plot.top - 0.5, plot.width + 1, plot.height + 1)
  ctx.textBaseline = "middle"
  ctx.textAlign = "left"
  ctx.fillStyle = colours.muted
  for (const {at, label} of priceTicks(plot.prices, plot.height)) {
    const y = Math.min(Math.max(plot.y(at), plot.top + 6), plot.bottom - 6)
    ctx.fillText(label, plot.right + 9, y)
  }
  ctx.save()
  ctx.translate(size[0] - 8, plot.top + plot.height / 2)
  ctx.rotate(-Math.PI / 2)
  ctx.textAlign = "center"
  ctx.fillText(["price", meta.units.price].filter(Boolean).join(", "), 0, 0)
  ctx.restore()
  ctx.textBaseline = "top"
  let free = -Infinity
  for (const {at, label, date} of timeTicks(plot.times, plot.width)) {
    const half = ctx.measureText(label).width / 2
    const x = Math.min(Math.max(plot.x(at), plot.left + half), plot.right - half)
    ctx.textAlign = "center"
    if (x - half > free) {
      ctx.fillText(label, x, plot.bottom + 8)
      free = x + half + 8
    }
    if (date) {
      const wide = ctx.measureText(date).width / 2
      ctx.fillText(date, Math.min(Math.max(x, plot.left + wide), plot.right - wide), plot.bottom + 26)
    }
  }
  ctx.textAlign = "left"
  ctx.fillText("time, UTC", plot.right + 9, plot.bottom + 8)
}
