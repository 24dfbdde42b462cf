// The stops of sliders over durations, and what two handles on one slider may do.

import {DURATIONS} from "../rules.js"

/**
 * @param {(number | null)[]} first before those that all sliders have
 * @param {number | null} value that is among them, too
 */
export function stopsOf(first, value) {
  const stops = [...new Set([...first, ...DURATIONS, value])]
  return stops.sort((a, b) => (a ?? Infinity) - (b ?? Infinity))
}

/**
 * One of two ends from 0 to 100 has been moved, and takes the other along where they would meet: a step lies between them.
 * @param {number[]} ends
 * @param {0 | 1} end
 * @param {number} to
 */
export function moveEnd([low, high], end, to) {
  if (end == 0) [low, high] = [Math.min(to, 99.9), Math.max(high, to + 0.1)]
  else [low, high] = [Math.min(low, to - 0.1), Math.max(to, 0.1)]
  return [Math.max(low, 0), Math.min(high, 100)].map(percent => Math.round(10 * percent) / 10)
}

/**
 * A slider stands at a value, and says it; its style sheet has as `--at` what part of the way that is.
 * @param {HTMLInputElement} input
 * @param {HTMLElement} output
 * @param {number} value
 * @param {string} words
 */
export function showRange(input, output, value, words) {
  input.value = String(value)
  input.setAttribute("aria-valuetext", words)
  const {value: at, min, max} = input
  input.style.setProperty("--at", String((Number(at) - Number(min)) / Math.max(Number(max) - Number(min), 1e-9)))
  output.textContent = words
}
