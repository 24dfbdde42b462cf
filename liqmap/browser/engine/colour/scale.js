// The scale of sizes between cut-offs, by the rules of liqmap.render.frames.scale. Python gives the sizes of the session
// at `RANKS`; here they are only looked up between.

import {between} from "../numbers.js"
import {OBSERVED, SCALE, UNKNOWN} from "../rules.js"

/**
 * @typedef {object} Scale
 * @property {number} low the size at which colour begins
 * @property {number} high and saturates
 * @property {string} scaling
 * @property {number[]} curve
 * @property {(size: number) => number} place of a size above the first, 0 to 1
 * @property {(place: number) => number} size and back
 *
 * @typedef {{cutoffs: number[] | null, scaling: string, limits: number[] | null}} Cut
 * @typedef {import("../raster/frame.js").Frame} Frame
 */

const {auto: AUTO, spread: SPREAD, giant: GIANT, usual: USUAL, knots: KNOTS, even: EVEN, fewest: FEWEST, closest: CLOSEST,
  lowest: LOWEST, sample: SAMPLE, ranks: RANKS} = SCALE

/**
 * The size at a percentile, of sizes at `RANKS`.
 * @param {number[]} sizes
 * @param {number} percent
 */
export function sizeAt(sizes, percent) {
  return between(percent, RANKS, sizes)
}

/**
 * The percentile of a size, of sizes at `RANKS`.
 * @param {number[]} sizes
 * @param {number} size
 */
export function percentOf(sizes, size) {
  let k = 0
  while (k < sizes.length && sizes[k] < size) k++
  if (k == 0 || k == sizes.length) return k == 0 ? 0 : 100
  const a = sizes[k - 1], b = sizes[k]
  return RANKS[k - 1] + (RANKS[k] - RANKS[k - 1]) * ((size - a) / (b - a))
}

/**
 * Sizes at `RANKS` of what one frame shows: of its observed cells, or of all where few are.
 * @param {Frame} frame
 */
export function frameSizes({ticks, cells}) {
  const seen = [], all = []
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

/**
 * The scale between the cut-offs that are chosen, where so large sizes are lit.
 * @param {number[]} sizes
 * @param {Cut} cut
 */
export function scaleBetween(sizes, {cutoffs, scaling, limits}) {
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

/** @returns {Scale} */
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
