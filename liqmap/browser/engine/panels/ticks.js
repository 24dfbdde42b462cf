// Ticks of sizes: two to four, on round numbers, in words that tell them apart.

import {short} from "../numbers.js"
import {price} from "../words/words.js"

/** @typedef {{at: number, label: string}} Tick */

const ROUND = [1, 2, 2.5, 5, 10]

/** As many as an axis has at least, where it has any. */
const FEWEST = 2

/**
 * @param {number} low
 * @param {number} high
 * @param {number} most of them
 * @returns {Tick[]} none where there is nothing between low and high
 */
export function sizeTicks(low, high, most) {
  if (!(high > low) || !Number.isFinite(high - low)) return []
  const decade = 10 ** Math.floor(Math.log10((high - low) / most)), steps = ROUND.map(n => n * decade)
  const fits = steps.findIndex(step => countOf(low, high, step) <= most)
  const step = steps.slice(0, fits + 1).findLast((step, k) => k == 0 || countOf(low, high, step) >= FEWEST)
  const first = Math.ceil(low / step - 1e-9)
  const sizes = Array.from({length: countOf(low, high, step)}, (_, k) => tidy((first + k) * step, step))
  return sizes.map((at, k) => ({at, label: labels(sizes, step)[k]}))
}

/** Multiples of a step from low to high. */
function countOf(low, high, step) {
  return Math.max(Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1, 0)
}

/** Without what binary fractions leave over. */
function tidy(size, step) {
  return Number(size.toFixed(decimalsOf(step))) + 0
}

/** Decimals of a step, which is one of `ROUND` times a power of ten. */
function decimalsOf(step) {
  const exponent = Math.floor(Math.log10(step) + 1e-9), isHalf = Math.abs(step / 10 ** exponent - 2.5) < 1e-6
  return Math.min(Math.max(Number(isHalf) - exponent, 0), 20)
}

/** Short, where that says each exactly enough to tell it from the next; else to the last digit. */
function labels(sizes, step) {
  const words = sizes.map(size => size ? short(size) : "0")
  const isExact = words.every((word, k) => Math.abs(valueOf(word) - sizes[k]) < step / 100)
  return isExact ? words : sizes.map(size => price(size, decimalsOf(step)))
}

/** What a short word stands for. */
function valueOf(word) {
  const letter = "kMG".indexOf(word.at(-1))
  return letter < 0 ? Number(word) : Number(word.slice(0, -1)) * 1000 ** (letter + 1)
}
