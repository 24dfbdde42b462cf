// Every trade of a view as a speck, as liqmap.render.marks.specks has it: volume a pixel in the colour of the aggressor who
// traded more, opacity by its log.

const specks = document.createElement("canvas")
let volume = new Float64Array(0), signed = new Float64Array(0)

function drawSpecks(ctx, trades, shown, plot, colours) {
  const wide = Math.ceil(plot.width), tall = Math.ceil(plot.height), lit = sumPixels(trades, shown, plot, wide, tall)
  const image = new ImageData(wide, tall), words = new Uint32Array(image.data.buffer)
  const alphas = opacities(Float64Array.from(lit, k => volume[k]))
  const [none, buy, sell] = ["unsigned", "buy", "sell"].map(name => wordOf(colours[name]))
  lit.forEach((k, n) => {
    words[k] = ((signed[k] > 0 ? buy : signed[k] < 0 ? sell : none) | alphas[n] << 24) >>> 0
    volume[k] = signed[k] = 0
  })
  specks.width = wide
  specks.height = tall
  specks.getContext("2d").putImageData(image, 0, 0)
  ctx.imageSmoothingEnabled = false
  ctx.drawImage(specks, plot.left, plot.top)
}

// Opacity by the log of volumes, between two percentiles of those; 0 to 255.
function opacities(volumes) {
  const [faintest, strongest, ...range] = meta.marks.specks
  const logs = Float64Array.from(volumes, Math.log), sorted = logs.slice().sort()
  const [low, high] = range.map(percent => {
    const place = percent / 100 * (sorted.length - 1), k = Math.floor(place), next = sorted[k + 1] ?? sorted[k]
    return sorted[k] + (next - sorted[k]) * (place - k)
  })
  const strength = log => Math.min(Math.max((log - low) / Math.max(high - low, 1e-9), 0), 1)
  return Uint8Array.from(logs, log => rint(255 * (faintest + (strongest - faintest) * strength(log))))
}

// Sums `volume` and `signed` of the trades in each pixel; gives the pixels that have any.
function sumPixels({time, price, size, aggressor}, shown, plot, wide, tall) {
  if (volume.length < wide * tall) [volume, signed] = [new Float64Array(wide * tall), new Float64Array(wide * tall)]
  const lit = []
  for (const i of shown) {
    const x = Math.floor(plot.x(time[i]) - plot.left), y = Math.floor(plot.y(price[i] + tick / 2) - plot.top)
    if (!(x >= 0 && x < wide && y >= 0 && y < tall && size[i] > 0)) continue
    const k = y * wide + x
    if (volume[k] == 0) lit.push(k)
    volume[k] += size[i]
    signed[k] += aggressor[i] == BUY ? size[i] : aggressor[i] == SELL ? -size[i] : 0
  }
  return lit
}

// "#rrggbb" as pixels count it, without opacity.
function wordOf(colour) {
  const [r, g, b] = [1, 3, 5].map(k => parseInt(colour.slice(k, k + 2), 16))
  return r | g << 8 | b << 16
}
