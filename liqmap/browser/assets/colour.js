// Sizes -> colours, by the rules of liqmap.render.frames: a scale between cut-offs, and of both sides the one that
// shows. Python gives the sizes of the session at `RANKS`; here they are only looked up between.

const {shades: SHADES, auto: AUTO, spread: SPREAD, giant: GIANT, usual: USUAL, knots: KNOTS, even: EVEN, fewest: FEWEST,
  closest: CLOSEST, lowest: LOWEST, sample: SAMPLE, ranks: RANKS} = RULES.scale

// The size at a percentile; the percentile of a size, of sizes at `RANKS`.
function sizeAt(sizes, percent) {
  return between(percent, RANKS, sizes)
}

function percentOf(sizes, size) {
  let k = 0
  while (k < sizes.length && sizes[k] < size) k++
  if (k == 0 || k == sizes.length) return k == 0 ? 0 : 100
  const a = sizes[k - 1], b = sizes[k]
  return RANKS[k - 1] + (RANKS[k] - RANKS[k - 1]) * ((size - a) / (b - a))
}

// Sizes at `RANKS` of what one frame shows: of its observed cells, or of all where few are.
function frameSizes({agg, rows, cells}) {
  const ticks = ticksOf({agg, rows}), seen = [], all = []
  for (const {liquidity, state} of cells) {
    for (let at = 0; at < state.length; at++) {
      if (state[at] == UNKNOWN || !(liquidity[at] > 0)) continue
      if (state[at] == OBSERVED) seen.push(liquidity[at])
      else all.push(liquidity[at])
    }
  }
  return ranked(Float32Array.from(seen.length < FEWEST ? seen.concat(all) : seen, size => size / ticks))
}

function ranked(sizes) {
  const step = Math.max(1, Math.floor(sizes.length / SAMPLE))
  const rising = sizes.filter((_, k) => k % step == 0).sort()
  if (!rising.length) return []
  const places = Float64Array.from(rising.keys())
  return RANKS.map(rank => Math.fround(between(rank / 100 * (rising.length - 1), places, rising)))
}

// The scale between the cut-offs that are chosen, where so large sizes are lit.
function scaleBetween(sizes, {cutoffs, scaling, limits}) {
  let low, high
  if (limits) [low, high] = limits
  else if (!sizes.length) return scale(1, 2, scaling, [0, 1])
  else {
    ;[low, high] = (cutoffs ?? AUTO).map(percent => sizeAt(sizes, percent))
    if (!cutoffs && scaling == "log") {
      high = Math.min(high, Math.max(GIANT * sizeAt(sizes, USUAL), low * SPREAD))
      low = Math.max(low, high / SPREAD)
    }
  }
  if (scaling != "linear") low = Math.max(low > 0 ? low : high * LOWEST, 1e-300)
  if (!(high > low * (limits ? 1 + 1e-9 : CLOSEST))) [low, high] = [low * 0.5, low * 1.5]
  return scale(low, high, scaling, scaling == "equalised" ? curveOf(sizes, low, high) : [0, 1])
}

// Share of the sizes between the cut-offs that lie below each knot.
function curveOf(sizes, low, high) {
  const even = Array.from({length: KNOTS}, (_, k) => k / (KNOTS - 1))
  const below = sizes.length ? even.map(k => percentOf(sizes, low * (high / low) ** k)) : even
  const inside = below[KNOTS - 1] - below[0]
  return even.map((k, i) => EVEN * k + (1 - EVEN) * (inside > 0 ? (below[i] - below[0]) / inside : k))
}

// Sizes at which colour begins and saturates; the place of a size above the first, 0 to 1, and back.
function scale(low, high, scaling, curve) {
  const linear = scaling == "linear", steps = curve.length - 1
  const offset = linear ? low : Math.log2(low), factor = 1 / ((linear ? high : Math.log2(high)) - offset)
  return {
    low, high, scaling, curve,
    place(size) {
      const place = Math.min(Math.max(((linear ? size : Math.log2(size)) - offset) * factor, 0), 1)
      if (steps == 1) return place
      const k = Math.min(Math.floor(place * steps), steps - 1)
      return curve[k] + (curve[k + 1] - curve[k]) * (place * steps - k)
    },
    size(place) {
      if (linear) return low + place * (high - low)
      let k = 0
      while (k < steps - 1 && curve[k + 1] < place) k++
      return low * (high / low) ** ((k + (place - curve[k]) / (curve[k + 1] - curve[k])) / steps)
    },
  }
}

// A float32 without its lowest bits is an index into a table of shades. Where a bin has more than one shade, or lies
// below the table, its sizes are worked out one by one.
const BITS = 11, OCTAVES = 14, EXACTLY = 0xffff
const oneValue = new Float32Array(1), oneBits = new Int32Array(oneValue.buffer)

function binOf(size) {
  oneValue[0] = size
  return oneBits[0] >> BITS
}

// `of` gives one more than the shade of a size; 0 where it is too small to be seen.
function shadesOf(scale, ticks, least) {
  const smallest = Math.fround(least)
  const of = value => {
    const size = Math.fround(value / ticks)
    return size > scale.low && size >= smallest ? 1 + Math.floor(scale.place(size) * (SHADES - 1) + 0.5) : 0
  }
  const top = Math.max(scale.high, smallest), bottom = Math.max(scale.low, top * 2 ** -OCTAVES)
  const first = binOf(bottom * ticks), count = binOf(top * ticks) - first + 2
  const table = new Uint16Array(count)
  for (let bin = 0; bin < count; bin++) {
    oneBits[0] = first + bin << BITS
    const low = of(oneValue[0])
    oneBits[0] = (first + bin + 1 << BITS) - 1
    table[bin] = low == of(oneValue[0]) ? low : EXACTLY
  }
  return {of, table, first, last: count - 1}
}

function shadeAt({of, table, first, last}, bits, size) {
  const bin = (bits >> BITS) - first
  if (bin < 0) return of(size)
  const shade = table[Math.min(bin, last)]
  return shade == EXACTLY ? of(size) : shade
}

// Half to even, as numpy has it.
function rint(value) {
  const below = Math.floor(value), rest = value - below
  return rest < 0.5 || (rest == 0.5 && below % 2 == 0) ? below : below + 1
}

// The shades of a side, of colours between which they run straight: RGBA, red lowest.
function rampOf({at, rgb}, opacity) {
  const colours = new Uint32Array(SHADES)
  for (let k = 0; k < SHADES; k++) {
    const place = k == SHADES - 1 ? 1 : k * (1 / (SHADES - 1))
    const [r, g, b] = rgb.map(channel => rint(between(place, at, channel)))
    colours[k] = r | g << 8 | b << 16 | opacity << 24
  }
  return colours
}

// Colours of carried liquidity: so far from the background, of what observed ones are.
function faint(colours, background, strength) {
  return colours.map(colour => {
    let out = colour & 0xff000000
    for (const shift of [0, 8, 16]) {
      const from = background >>> shift & 255, to = colour >>> shift & 255
      out |= rint(from + strength * (to - from)) << shift
    }
    return out >>> 0
  })
}

// Which side of a cell shows, 0 or 1; -1 where neither is lit. See liqmap.render.frames.front.
function frontAt({cells}, at, ticks, scale, {shown, carried, carriedShown, minSize}) {
  let best = 0, front = -1
  for (const s of [0, 1]) {
    const state = cells[s].state[at], size = Math.fround(cells[s].liquidity[at] / ticks)
    const weight = state == OBSERVED ? 1 : state != CARRIED || carriedShown == "hide" ? 0 : carried
    if (!shown[s] || !(size > scale.low) || size < Math.fround(minSize)) continue
    const strong = scale.place(size) * weight
    if (strong > best) [best, front] = [strong, s]
  }
  return front
}

// What share of the liquidity drawn is carried (see liqmap.render.frames.front).
function shareOf(frame, scale, choice) {
  const {cells} = frame, ticks = ticksOf(frame), sums = new Float64Array(3)
  for (let at = 0; at < cells[0].state.length; at++) {
    if (!(cells[0].liquidity[at] > 0 || cells[1].liquidity[at] > 0)) continue
    const s = frontAt(frame, at, ticks, scale, choice)
    if (s >= 0) sums[cells[s].state[at]] += Math.fround(cells[s].liquidity[at] / ticks)
  }
  return sums[CARRIED] > 0 ? sums[CARRIED] / (sums[OBSERVED] + sums[CARRIED]) : 0
}

// The pixels of a frame, highest price first.
function shade(frame, scale, choice) {
  const {columns: {count: T}, rows, cells} = frame, P = rows.length - 1, ticks = ticksOf(frame)
  const {shown, palette, carried, carriedShown, minSize} = choice
  const pixels = new Uint32Array(P * T), hidden = carriedShown == "hide" || carried == 0 ? CARRIED : -1
  const shades = shadesOf(scale, ticks, minSize)
  const colours = palette.sides.map((lit, s) => [null, lit, palette.carried[s]])
  const sizes = cells.map(({liquidity}) => liquidity), [bidSizes, askSizes] = sizes
  const [bidBits, askBits] = sizes.map(({buffer}) => new Int32Array(buffer))
  const [bids, asks] = cells.map(({state}) => state), [showBids, showAsks] = shown
  for (let r = 0; r < P; r++) {
    for (let c = 0, at = r * T, to = (P - 1 - r) * T; c < T; c++, at++, to++) {
      const bid = bids[at], ask = asks[at]
      if (bid + ask == 0) continue
      const b = bid && bid != hidden && showBids && bidBits[at] ? shadeAt(shades, bidBits[at], bidSizes[at]) : 0
      const a = ask && ask != hidden && showAsks && askBits[at] ? shadeAt(shades, askBits[at], askSizes[at]) : 0
      if (a == 0 && b == 0) {
        if (bid && ask && bid != hidden && ask != hidden) pixels[to] = palette.empty
        continue
      }
      const s = a == 0 ? 0 : b == 0 ? 1 : frontAt(frame, at, ticks, scale, choice)
      const state = s == 0 ? bid : ask
      pixels[to] = colours[s][state][(s == 0 ? b : a) - 1]
    }
  }
  return pixels
}
