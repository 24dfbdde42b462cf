// How far the book can be trusted, as a ribbon along the time axis, as liqmap.render.marks.overlays.trust has it.

import {TRUST} from "../rules.js"

/** @typedef {import("./marks.js").Scene} Scene */

/**
 * Stretches one after the other: times in ns of the page, `state` and `beyond` places in `TRUST.words`, `levels` a side that
 * the state is said of (0: all), `doubted` whether a later checksum differs.
 * @typedef {{start: number[], end: number[], state: number[], levels: number[], beyond: number[], doubted: number[]}} Stretches
 *
 * @typedef {{left: number, right: number, of: number}} Bar pixels from the left of the plot, and the place of a stretch
 * @typedef {{bars: Bar[], stretches: Stretches}} Drawn
 */

/** A pointer may be so many pixels off. */
const SLACK = 3

/** @type {import("./marks.js").Mark<Drawn>} */
export const trust = {name: "trust", order: 60, needs: "trust", make: () => ({draw, legend, readout})}

/**
 * What each pixel shows: the least trusted of its time. Neighbours that say the same are one.
 * @param {Stretches} stretches
 * @param {number} begin
 * @param {number} end
 * @param {number} width pixels
 * @returns {Bar[]}
 */
export function trustBars(stretches, begin, end, width) {
  const {start, end: ends} = stretches, rank = rankOf(stretches), scale = width / (end - begin)
  const shown = new Int32Array(width).fill(-1)
  for (let i = 0; i < start.length; i++) {
    if (ends[i] <= begin || start[i] >= end) continue
    const first = Math.max(Math.floor((start[i] - begin) * scale), 0), last = Math.min(Math.ceil((ends[i] - begin) * scale), width)
    for (let x = first; x < last; x++) if (shown[x] < 0 || rank(i) < rank(shown[x])) shown[x] = i
  }
  /** @type {Bar[]} */
  const bars = []
  for (let x = 0; x < width; x++) {
    const bar = bars.at(-1), of = shown[x]
    if (of < 0) continue
    if (bar && bar.right == x && rank(bar.of) == rank(of)) bar.right = x + 1
    else bars.push({left: x, right: x + 1, of})
  }
  return bars
}

/** The smaller, the less is trusted. @param {Stretches} stretches @returns {(i: number) => number} */
function rankOf({state, levels, beyond, doubted}) {
  return i => ((state[i] * 4 + beyond[i]) * 2 + (1 - doubted[i])) * 1e7 + (levels[i] || 1e6)
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Scene} scene
 * @returns {Drawn}
 */
function draw(ctx, {plot, colours, until, data: {trust: stretches}}) {
  const [begin, end] = plot.times, {height, hair, rim} = TRUST, {left, bottom} = plot
  const width = Math.max(Math.round(plot.width), 1), known = Math.min(until ?? end, end)
  const bars = trustBars(stretches, begin, end, width).filter(bar => plot.time(left + bar.left) < known)
  const bar = (colour, {left: from, right: to}, low, tall) => {
    ctx.fillStyle = colours[colour]
    const stop = Math.min(to, plot.x(known) - left)
    ctx.fillRect(left + from, bottom - low - tall, stop - from, tall)
  }
  for (const one of bars) {
    const {state, beyond, doubted} = stretches
    bar("background", one, 0, height + hair + rim)
    bar(TRUST.colours[state[one.of]], one, 0, height)
    bar(TRUST.colours[doubted[one.of] ? 0 : beyond[one.of]], one, height, hair)
  }
  return {bars, stretches}
}

/** What is said of the best levels. @param {Stretches} stretches @param {number} i */
function bestWords({state, levels}, i) {
  return TRUST.words[state[i]] + (levels[i] ? ` (best ${levels[i]} levels)` : "")
}

/** @param {Drawn} drawn @returns {import("./marks.js").Entry[]} */
function legend({bars, stretches}) {
  const {state, levels, doubted} = stretches
  const said = new Map(bars.map(({of}) => [state[of] * 1e6 - levels[of], of]))
  const entries = [...said].toSorted(([a], [b]) => b - a).map(([, of]) => (
    {word: bestWords(stretches, of).replace(" levels", ""), colour: TRUST.colours[state[of]], line: true}
  ))
  const alone = bars.some(({of}) => doubted[of]) && !bars.some(({of}) => state[of] == 0)
  return alone ? [...entries, {word: "wrong beyond", colour: TRUST.colours[0], line: true}] : entries
}

/**
 * What the ribbon says of itself at a place.
 * @param {Drawn} drawn
 * @param {Scene} scene
 * @param {number[]} at
 */
function readout({bars, stretches}, {plot, colours}, [x, y]) {
  if (y < plot.bottom - TRUST.height - TRUST.hair - TRUST.rim - SLACK) return null
  const bar = bars.find(({left, right}) => plot.left + left <= x && x < plot.left + right)
  if (!bar) return null
  const {state, levels, beyond, doubted} = stretches, i = bar.of
  const lines = [{words: bestWords(stretches, i), colour: colours[TRUST.colours[state[i]]]}]
  if (state[i] == 0) return [...lines, {words: "no whole book until the next snapshot", faint: true}]
  const deeper = levels[i] ? [`beyond: ${TRUST.words[beyond[i]]}`] : []
  if (doubted[i]) deeper.push("wrong beyond: a later checksum differs")
  return deeper.length ? [...lines, {words: deeper.join("  ·  "), faint: true}] : lines
}
