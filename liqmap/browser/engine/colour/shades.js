// The shade of a size, many times as fast as its place on the scale: a float32 without its lowest bits is an index into
// a table. Where a bin has more than one shade its sizes are worked out one by one. A bin is filled when it is first met,
// and tables are kept: with the scale of the session a slider's next picture has the same.

import {SCALE} from "../rules.js"

/** @typedef {import("./scale.js").Scale} Scale */

/**
 * `of` gives one more than the shade of a size, 0 where it is too small to be seen; `below` that of all bins below the table.
 * @typedef {{key: string, of: (size: number) => number, table: Uint16Array, first: number, last: number, below: number}} Shades
 */

const SHADES = SCALE.shades
const BITS = 11
const OCTAVES = 14
const EXACTLY = 0xffff
const UNMET = 0xfffe

/** Tables of a picture and of its share, for a scale and the one before. */
const KEPT = 4

/** The last that were asked for. @type {Shades[]} */
const KNOWN = []

/**
 * @param {Scale} scale
 * @param {number} ticks that the liquidity of a row is spread over
 * @param {number} least the smallest size that is seen
 * @returns {Shades}
 */
export function shadesOf(scale, ticks, least) {
  const {low, high, scaling, curve} = scale, key = [low, high, scaling, curve, ticks, least].join()
  const at = KNOWN.findIndex(one => one.key == key), shades = at < 0 ? newShades(key, scale, ticks, least) : KNOWN[at]
  if (at >= 0) KNOWN.splice(at, 1)
  KNOWN.unshift(shades)
  KNOWN.length = Math.min(KNOWN.length, KEPT)
  return shades
}

const VALUE = new Float32Array(1)
const BITS_OF = new Int32Array(VALUE.buffer)

/** @param {string} key @param {Scale} scale @param {number} ticks @param {number} least @returns {Shades} */
function newShades(key, scale, ticks, least) {
  const binOf = size => {
    VALUE[0] = size
    return BITS_OF[0] >> BITS
  }
  const smallest = Math.fround(least)
  const of = liquidity => {
    const size = Math.fround(liquidity / ticks)
    return size > scale.low && size >= smallest ? 1 + Math.floor(scale.place(size) * (SHADES - 1) + 0.5) : 0
  }
  const top = Math.max(scale.high, smallest), bottom = Math.max(scale.low, top * 2 ** -OCTAVES)
  // Below the bin before that of the lowest size no rounding lifts a size above it.
  const first = binOf(bottom * ticks) - 1, count = binOf(top * ticks) - first + 2
  const table = new Uint16Array(count).fill(UNMET)
  return {key, of, table, first, last: count - 1, below: bottom == scale.low ? 0 : EXACTLY}
}

/**
 * One more than the shade of a size, 0 where it is too small.
 * @param {Shades} shades
 * @param {number} bits of the size, as float32
 * @param {number} size
 */
export function shadeAt(shades, bits, size) {
  const {table, first, last} = shades, place = (bits >> BITS) - first, bin = place < last ? place : last
  const shade = bin < 0 ? shades.below : table[bin]
  return shade < UNMET ? shade : exactly(shades, bin, size)
}

/** @param {Shades} shades @param {number} bin @param {number} size */
function exactly({of, table, first}, bin, size) {
  if (bin >= 0 && table[bin] == UNMET) {
    BITS_OF[0] = first + bin << BITS
    const low = of(VALUE[0])
    BITS_OF[0] = (first + bin + 1 << BITS) - 1
    table[bin] = low == of(VALUE[0]) ? low : EXACTLY
  }
  return of(size)
}
