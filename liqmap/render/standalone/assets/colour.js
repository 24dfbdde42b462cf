// Sizes -> colours, as liqmap.render.colour does it: cut-offs by percentile, a log or linear scale, of both sides the
// brighter one. A float32 without its lowest mantissa bits, 1 part in 256, is an index into a table.

const BITS = 15, BINS = 1 << 32 - 1 - BITS
const binBits = new Uint32Array(BINS), binValue = new Float32Array(binBits.buffer)
for (let i = 0; i < BINS; i++) binBits[i] = (i << BITS) + (1 << BITS - 1)

const SHADES = 256, SPREAD = 100

// How often each size is lit: of observed cells, or of all where few are. And the share that is carried.
function measure(frame, shown) {
  const observed = new Uint32Array(BINS), carried = new Uint32Array(BINS)
  let count = 0, sum = 0, carriedSum = 0
  frame.cells.forEach(({liquidity, state}, s) => {
    if (!shown[s]) return
    const bits = new Int32Array(liquidity.buffer)
    for (let i = 0; i < bits.length; i++) {
      if (state[i] == OBSERVED) {
        if (bits[i] == 0) continue
        observed[bits[i] >> BITS]++
        sum += liquidity[i]
        count++
      } else if (state[i] == CARRIED) {
        carried[bits[i] >> BITS]++
        carriedSum += liquidity[i]
      }
    }
  })
  if (count < 64) {
    for (let i = 1; i < BINS; i++) {
      observed[i] += carried[i]
      count += carried[i]
    }
  }
  return {counts: observed, total: count, share: carriedSum > 0 ? carriedSum / (sum + carriedSum) : 0}
}

// The size below which so many percent of the lit cells are.
function percentile({counts, total}, percent) {
  const rank = percent / 100 * Math.max(total - 1, 0)
  let below = 0
  for (let i = 0; i < BINS; i++) {
    if (below + counts[i] > rank) {
      const low = sizeOfBits(i << BITS), high = sizeOfBits((i + 1) << BITS)
      return low + (high - low) * Math.min((rank - below + 0.5) / counts[i], 1)
    }
    below += counts[i]
  }
  return 0
}

const oneBits = new Int32Array(1), oneValue = new Float32Array(oneBits.buffer)
function sizeOfBits(bits) {
  oneBits[0] = bits
  return oneValue[0]
}

function scaleOf(lit, unit, cutoffs, log, limits) {
  let low, high
  if (limits) [low, high] = limits
  else {
    if (lit.total == 0) return scale(1, 2, log)
    ;[low, high] = cutoffs.map(percent => percentile(lit, percent) * unit)
    if (log) high = Math.min(high, low * SPREAD)
  }
  if (log) low = Math.max(low, high * 1e-6, 1e-300)
  const least = limits ? 1 + 1e-9 : 1.05
  return high > low * least ? scale(low, high, log) : scale(low * 0.5, low * 1.5, log)
}

// Sizes at which colour begins and saturates, and the place of a size between them, 0 to 1.
function scale(low, high, log) {
  const offset = log ? Math.log2(low) : low, factor = 1 / ((log ? Math.log2(high) : high) - offset)
  return {low, high, log, place: size => Math.min(Math.max(((log ? Math.log2(size) : size) - offset) * factor, 0), 1)}
}

// By bin of size, one more than the shade it gets; 0 is too small to be seen.
function shadesOf(scale, unit) {
  const out = new Uint16Array(BINS)
  for (let i = 0; i < BINS; i++) {
    const size = binValue[i] * unit
    if (size > scale.low) out[i] = 1 + Math.round(scale.place(size) * (SHADES - 1))
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

// The pixels of a frame, highest price first.
function shade(frame, shown, scale, palette, strength) {
  const {columns: {count: T}, rows, cells} = frame, P = rows.length - 1
  const out = new Uint32Array(P * T)
  const shades = shadesOf(scale, perTick(frame))
  const tables = palette.sides.map(lit => [null, lit, faint(lit, palette.background, strength)])
  const bits = cells.map(({liquidity}) => new Int32Array(liquidity.buffer))
  const [bids, asks] = cells.map(({state}) => state)
  const weights = Float32Array.of(0, 1, strength)
  for (let r = 0; r < P; r++) {
    for (let c = 0, at = r * T, to = (P - 1 - r) * T; c < T; c++, at++, to++) {
      const bid = bids[at], ask = asks[at]
      if (bid + ask == 0) continue
      const b = bid && shown[0] ? shades[bits[0][at] >> BITS] : 0
      const a = ask && shown[1] ? shades[bits[1][at] >> BITS] : 0
      if (a == 0 && b == 0) {
        if (bid && ask) out[to] = palette.empty
      } else if (b * weights[bid] >= a * weights[ask]) out[to] = tables[0][bid][b - 1]
      else out[to] = tables[1][ask][a - 1]
    }
  }
  return out
}
