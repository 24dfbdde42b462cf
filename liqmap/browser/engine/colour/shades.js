// The shade of a size, many times as fast as its place on the scale: a float32 without its lowest bits is an index into
// a table. Where a bin has more than one shade, or lies below the table, its sizes are worked out one by one.

import {SCALE} from "../rules.js"

/** @typedef {import("./scale.js").Scale} Scale */
/** @typedef {{of: (size: number) => number, table: Uint16Array, first: number, last: number}} Shades */

const SHADES = SCALE.shades
const BITS = 11
const OCTAVES = 14
const EXACTLY = 0xffff

/**
 * `of` gives one more than the shade of a size; 0 where it is too small to be seen.
 * @param {Scale} scale
 * @param {number} ticks that the liquidity of a row is spread over
 * @param {number} least the smallest size that is seen
 * @returns {Shades}
 */
export function shadesOf(scale, ticks, least) {
  const value = new Float32Array(1), bits = new Int32Array(value.buffer)
  const binOf = size => {
    value[0] = size
    return bits[0] >> BITS
  }
  const smallest = Math.fround(least)
  const of = liquidity => {
    const size = Math.fround(liquidity / ticks)
    return size > scale.low && size >= smallest ? 1 + Math.floor(scale.place(size) * (SHADES - 1) + 0.5) : 0
  }
  const top = Math.max(scale.high, smallest), bottom = Math.max(scale.low, top * 2 ** -OCTAVES)
  const first = binOf(bottom * ticks), count = binOf(top * ticks) - first + 2
  const table = new Uint16Array(count)
  for (let bin = 0; bin < count; bin++) {
    bits[0] = first + bin << BITS
    const low = of(value[0])
    bits[0] = (first + bin + 1 << BITS) - 1
    table[bin] = low == of(value[0]) ? low : EXACTLY
  }
  return {of, table, first, last: count - 1}
}

/**
 * One more than the shade of a size, 0 where it is too small.
 * @param {Shades} shades
 * @param {number} bits of the size, as float32
 * @param {number} size
 */
export function shadeAt({of, table, first, last}, bits, size) {
  const bin = (bits >> BITS) - first
  if (bin < 0) return of(size)
  const shade = table[Math.min(bin, last)]
  return shade == EXACTLY ? of(size) : shade
}
