// Sizes -> colours, as liqmap.render.frames.colour does it: cut-offs by percentile, a log or linear scale, of both sides the
// brighter one. A float32 without its lowest mantissa bits, 1 part in 256, is an index into a table.

const BITS = 15, BINS = 1 << 32 - 1 - BITS
const binBits = new Uint32Array(BINS), binValue = new Float32Array(binBits.buffer)
for (let i = 0; i < BINS; i++) binBits[i] = (i << BITS) + (1 << BITS - 1)

const {shades: SHADES, spread: SPREAD, knots: KNOTS, even: EVEN, fewest: FEWEST, closest: CLOSEST, lowest: LOWEST} = RULES.scale

// How often each size is lit: of observed cells, or of all where few are. `columns` says which to look at.
function newLit() {
  return {observed: new Uint32Array(BINS), carried: new Uint32Array(BINS), total: 0}
}

function addLit(lit, {cells, columns: {count: T}}, columns) {
  const {observed, carried} = lit
  for (const {liquidity, state} of cells) {
    const bits = new Int32Array(liquidity.buffer)
    for (let from = 0; from < bits.length; from += T) {
      for (const c of columns) {
        const at = from + c
        if (bits[at] == 0 || state[at] == UNKNOWN) continue
        if (state[at] == OBSERVED) lit.total += 1
        ;(state[at] == OBSERVED ? observed : carried)[bits[at] >> BITS]++
      }
    }
  }
}

function litSizes({observed, carried, total}) {
  if (total < FEWEST) for (let i = 1; i < BINS; i++) observed[i] += carried[i]
  return observed
}

const oneBits = new Int32Array(1), oneValue = new Float32Array(oneBits.buffer)
function sizeOfBits(bits) {
  oneBits[0] = bits
  return oneValue[0]
}

// How many of the sizes are below each bin.
function countsBelow(counts) {
  const below = new Float64Array(BINS + 1)
  for (let i = 0; i < BINS; i++) below[i + 1] = below[i] + counts[i]
  return below
}

// The size below which so many percent of them are.
function percentile(below, percent) {
  const rank = percent / 100 * Math.max(below[BINS] - 1, 0)
  const i = Math.max(firstAfter(below, 0, BINS + 1, rank) - 1, 0), low = sizeOfBits(i << BITS)
  return low + (sizeOfBits(i + 1 << BITS) - low) * Math.min((rank - below[i] + 0.5) / (below[i + 1] - below[i]), 1)
}

// How many of them are below a size.
function countBelow(below, size) {
  oneValue[0] = size
  const i = oneBits[0] >> BITS, low = sizeOfBits(i << BITS), high = sizeOfBits(i + 1 << BITS)
  return below[i] + (below[i + 1] - below[i]) * (size - low) / (high - low)
}

// The scale of sizes (see liqmap.render.frames.scale); they count by `unit`.
function scaleOf(below, unit, {cutoffs, scaling, limits}) {
  let low, high
  if (limits) [low, high] = limits
  else if (below[BINS] == 0) return scale(1, 2, scaling, [0, 1])
  else {
    [low, high] = cutoffs.map(percent => percentile(below, percent) * unit)
    if (scaling == "log") high = Math.min(high, low * SPREAD)
  }
  if (scaling != "linear") low = Math.max(low, high * LOWEST, 1e-300)
  if (!(high > low * (limits ? 1 + 1e-9 : CLOSEST))) [low, high] = [low * 0.5, low * 1.5]
  return scale(low, high, scaling, scaling == "equalised" ? curveOf(below, low / unit, high / unit) : [0, 1])
}

// Share of the sizes between the cut-offs that lie below each knot.
function curveOf(below, low, high) {
  const even = Array.from({length: KNOTS}, (_, k) => k / (KNOTS - 1))
  const counts = even.map(k => countBelow(below, low * (high / low) ** k))
  const inside = counts[KNOTS - 1] - counts[0]
  return even.map((k, i) => EVEN * k + (1 - EVEN) * (inside > 0 ? (counts[i] - counts[0]) / inside : k))
}

// Sizes at which colour begins and saturates; the place of a size between them, 0 to 1, and back.
function scale(low, high, scaling, curve) {
  const linear = scaling == "linear", steps = curve.length - 1
  const offset = linear ? low : Math.log2(low), factor = 1 / ((linear ? high : Math.log2(high)) - offset)
  return {
    low, high, scaling,
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

// By bin of size, one more than the shade it gets; 0 is too small to be seen.
function shadesOf(scale, unit, least) {
  const out = new Uint16Array(BINS)
  for (let i = 0; i < BINS; i++) {
    const size = binValue[i] * unit
    if (size > scale.low && size >= least) out[i] = 1 + Math.round(scale.place(size) * (SHADES - 1))
  }
  return out
}

// Colours of carried liquidity: so far from the background, of what observed ones are.
function faint(colours, background, strength) {
  return colours.map(colour => {
    let out = colour & 0xff000000
    for (const shift of [0, 8, 16]) {
      const from = background >>> shift & 255, to = colour >>> shift & 255
      out |= Math.round(from + strength * (to - from)) << shift
    }
    return out >>> 0
  })
}

// The pixels of a frame, highest price first; and what share of the liquidity of the sides shown is carried.
function shade(frame, scale, {shown, palette, strength, carriedShown, minSize}) {
  const {columns: {count: T}, rows, cells} = frame, P = rows.length - 1
  const pixels = new Uint32Array(P * T), hidden = carriedShown == "hide" ? CARRIED : -1
  const shades = shadesOf(scale, perTick(frame), minSize * perTick(frame))
  const [bidColours, askColours] = palette.sides.map((lit, s) => [null, lit, palette.carried[s]])
  const [bidSizes, askSizes] = cells.map(({liquidity}) => liquidity)
  const [bidBits, askBits] = cells.map(({liquidity}) => new Int32Array(liquidity.buffer))
  const [bids, asks] = cells.map(({state}) => state), [showBids, showAsks] = shown
  const weights = Float32Array.of(0, 1, strength), sums = new Float64Array(3)
  for (let r = 0; r < P; r++) {
    for (let c = 0, at = r * T, to = (P - 1 - r) * T; c < T; c++, at++, to++) {
      const bid = bids[at], ask = asks[at]
      if (bid + ask == 0) continue
      let b = 0, a = 0
      if (bid && showBids && bidBits[at]) {
        sums[bid] += bidSizes[at]
        if (bid != hidden) b = shades[bidBits[at] >> BITS]
      }
      if (ask && showAsks && askBits[at]) {
        sums[ask] += askSizes[at]
        if (ask != hidden) a = shades[askBits[at] >> BITS]
      }
      if (a == 0 && b == 0) {
        if (bid && ask && bid != hidden && ask != hidden) pixels[to] = palette.empty
      } else if (b * weights[bid] >= a * weights[ask]) pixels[to] = bidColours[bid][b - 1]
      else pixels[to] = askColours[ask][a - 1]
    }
  }
  return {pixels, share: sums[CARRIED] > 0 ? sums[CARRIED] / (sums[OBSERVED] + sums[CARRIED]) : 0}
}
