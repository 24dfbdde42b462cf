// What was stacked and pulled in each cell of the screen, from the fine cells of a page: liqmap.render.marks.overlays.stacking.

import {firstFrom} from "../book/search.js"
import {niceStep} from "../raster/lattice.js"
import {NICE_ROWS, NICE_TIMES, SIDES, STACKING} from "../rules.js"
import {drawShapes} from "../shapes/draw.js"
import {hitOf, rowsOf} from "../shapes/hit.js"
import {readoutLines} from "../shapes/mark.js"
import {clock, exact, price} from "../words/words.js"
import {bubbleRoom} from "./bubbles.js"

/** @typedef {import("./marks.js").Scene} Scene */
/** @typedef {import("../shapes/decode.js").DiscsShape} DiscsShape */

/**
 * Fine cells: of each side by time and price, by number from `first` and `lowest` in steps of `step` ns and `ticks`; `last`:
 * where they end; `traded`: the first trade; `days` that have trades, all ns.
 * @typedef {{step: number, ticks: number, first: number, last: number, lowest: number, traded: number, days: number[],
 *   sides: {bin: Float64Array, row: Float64Array, sizes: Float64Array[]}[]}} Stacks
 *
 * `what`: 0 stacked, 1 pulled; ns and ticks.
 * @typedef {{what: number, side: number, begin: number, end: number, low: number, high: number, size: number}} Marker
 */

const DAY = 86400e9

/** @type {import("./marks.js").Mark<DiscsShape[]>} */
export const stacking = {
  name: "stacking",
  order: 45,
  needs: "stacking",
  make: () => ({
    draw(ctx, scene) {
      const shapes = discsOf(markersIn(scene.data.stacking, scene.plot, scene.market.tick), scene)
      drawShapes(ctx, shapes, scene.plot)
      return shapes
    },
    legend: shapes => shapes.some(({face}) => face.length) ? [
      {word: "bids stacked", colour: "best-bid"}, {word: "asks stacked", colour: "best-ask"}, {word: "hollow: pulled"},
    ] : [],
    readout(shapes, {plot}, at) {
      const found = hitOf(shapes, plot, at)
      if (!found) return null
      const {shape, item} = /** @type {{shape: DiscsShape, item: number}} */ (found)
      return readoutLines(rowsOf(shape.told, item), shape.colours[shape.rim[item]])
    },
  }),
}

/**
 * The fine cells among the columns of a page.
 * @param {Omit<Stacks, "sides">} told
 * @param {Record<string, Float64Array>} columns
 * @returns {Stacks}
 */
export function stacksOf(told, columns) {
  return {...told, sides: SIDES.map(side => {
    const own = name => columns[`stacking.${side}.${name}`], unsigned = v => v % 2 ? -(v + 1) / 2 : v / 2
    let bin = 0, row = 0
    return {
      bin: own("bin").map(by => bin += by), row: own("row").map(by => row += unsigned(by)), sizes: ["added", "pulled"].map(own),
    }
  })}
}

/**
 * The largest change of each cell of the screen, and of all of them as many as a view bears, the largest first.
 * @param {Stacks} stacks
 * @param {Pick<import("../chart/plot.js").Plot, "times" | "prices" | "width" | "height">} plot
 * @param {number} tick
 * @returns {Marker[]}
 */
export function markersIn({step, ticks, first, last, lowest, traded, days, sides}, {times: [begin, end], prices, width, height}, tick) {
  const wide = Math.max(Math.round(width), 1), tall = Math.max(Math.floor(Math.round(height) / STACKING.cell[1]), 1)
  const long = multiple(NICE_TIMES, Math.max((end - begin) * STACKING.cell[0] / wide, step), step)
  const [low, high] = [Math.floor(prices[0] / tick + 1e-6), Math.ceil(prices[1] / tick - 1e-6)]
  const high_ = multiple(NICE_ROWS, Math.max(Math.max(high - low, 1) / tall, ticks), ticks)
  const from = Math.max(Math.floor(begin / long), Math.ceil(first / long)), to = Math.floor(Math.min(end, last) / long)
  const bottom = Math.floor(low / high_), top = Math.max(Math.ceil(high / high_), bottom + 1)
  /** @type {Map<string, number>} */
  const sums = new Map()
  for (const [side, {bin, row, sizes}] of sides.entries()) {
    const start = firstFrom(bin, (from * long - first) / step), stop = firstFrom(bin, (to * long - first) / step)
    for (let i = start; i < stop; i++) {
      const at = Math.floor((first + bin[i] * step) / long), level = Math.floor((lowest + row[i] * ticks) / high_)
      if (level < bottom || level >= top) continue
      for (const what of [0, 1]) {
        const key = `${at},${level},${side},${what}`
        if (sizes[what][i] > 0) sums.set(key, (sums.get(key) ?? 0) + sizes[what][i])
      }
    }
  }
  return largest(sums, long, high_, at => isTraded(at * long, long, traded, days)).slice(0, bubbleRoom(width, height)[0])
}

/** The shortest nice step that is as long, of whole fine ones. @param {number[]} nice @param {number} least @param {number} fine */
function multiple(nice, least, fine) {
  return nice.find(step => step >= least && step % fine == 0) ?? niceStep(least, nice)
}

/** Whether the trades of a step are known: from that of the first trade on, on days that have any. */
function isTraded(begin, long, traded, days) {
  if (begin + long <= traded) return false
  for (let day = Math.floor(begin / DAY) * DAY; day < begin + long; day += DAY) if (!days.includes(day)) return false
  return true
}

/**
 * Of each cell the largest, by size; of equals bids before asks, and what was stacked before what was pulled.
 * @param {Map<string, number>} sums
 * @returns {Marker[]}
 */
function largest(sums, long, tall, isKnown) {
  const all = [...sums].map(([key, size]) => {
    const [at, level, side, what] = key.split(",").map(Number)
    return {at, level, side, what, size}
  }).filter(({at}) => isKnown(at)).sort((a, b) => b.size - a.size || a.side - b.side || a.what - b.what)
  const taken = new Set(), markers = []
  for (const {at, level, side, what, size} of all) {
    const cell = `${at},${level}`
    if (taken.has(cell)) continue
    taken.add(cell)
    markers.push({what, side, begin: at * long, end: (at + 1) * long, low: level * tall, high: (level + 1) * tall, size})
  }
  return markers
}

/**
 * Filled what was stacked, hollow what was pulled, in the colour of the side; the larger over the smaller.
 * @param {Marker[]} markers
 * @param {Pick<Scene, "market" | "colours" | "zone">} scene
 * @returns {DiscsShape[]}
 */
export function discsOf(markers, {market, colours, zone}) {
  const {tick, units} = market, most = markers.reduce((high, {size}) => Math.max(high, size), 1e-300)
  const names = ["", `size${units.size ? `, ${units.size}` : ""}`, "price", "from", "to"]
  return STACKING.what.map((_, what) => {
    const some = markers.filter(one => one.what == what).reverse(), side = Uint8Array.from(some, one => one.side)
    const column = of => Float64Array.from(some, of)
    return {
      kind: /** @type {const} */ ("discs"), x: column(({begin, end}) => Math.floor((begin + end) / 2)),
      y: column(({low, high}) => (low + high) / 2 * tick),
      radius: column(({size}) => Math.max(STACKING.largest * Math.sqrt(size / most), STACKING.least)), face: side, rim: side,
      colours: [colours["best-bid"], colours["best-ask"]], alpha: what == 0 ? STACKING.alpha : 0, width: STACKING.rim,
      told: {names, words: some.map(one => wordsOfMarker(one, market, zone))},
    }
  })
}

/** @param {Marker} marker @param {Scene["market"]} market @param {string} zone */
function wordsOfMarker({what, side, begin, end, low, high, size}, {tick, places, baseSeconds}, zone) {
  const [first, last] = [low, high - 1].map(at => price(at * tick, places))
  const [from, to] = [begin, end].map(at => clock(baseSeconds, at, 1e6, zone).time)
  return [`${SIDES[side]} ${STACKING.what[what]}`, exact(size), first == last ? first : `${first} – ${last}`, from, to]
}
