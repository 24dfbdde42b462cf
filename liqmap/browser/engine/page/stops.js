// The stops of sliders: durations, and sizes between those of the colours.

import {DURATIONS} from "../rules.js"

const DECADE = [1, 1.5, 2, 3, 5, 7]

/**
 * @param {(number | null)[]} first before those that all sliders have
 * @param {number | null} value that is among them, too
 */
export function stopsOf(first, value) {
  const stops = [...new Set([...first, ...DURATIONS, value])]
  return stops.sort((a, b) => (a ?? Infinity) - (b ?? Infinity))
}

/**
 * Sizes that the smallest one shown may be.
 * @param {{low: number, high: number}} scale
 */
export function sizesOf({low: from, high}) {
  const low = Math.max(from, high / 1e4)  // a linear scale may begin at 0
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high))
  const decades = Array.from({length: last - first + 1}, (_, k) => 10 ** (first + k))
  const all = decades.flatMap(decade => DECADE.map(n => Number((n * decade).toPrecision(2))))
  return [0, ...all.filter(size => size > low && size < high)]
}
