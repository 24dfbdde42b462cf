// What traded in each row of prices of each bar, by aggressor, from the trades of a page: liqmap.analytics.flow.footprint.

import {firstFrom} from "../book/search.js"
import {rint} from "../numbers.js"
import {niceStep} from "../raster/lattice.js"
import {FOOTPRINT, NICE_ROWS, NICE_TIMES} from "../rules.js"
import {candleStep} from "./candles.js"

/** @typedef {import("../book/decode.js").Trades} Trades */
/** @typedef {import("../chart/plot.js").Plot} Plot */

/**
 * What a view has room for: ns of a bar, ticks of a row, whether numbers fit.
 * @typedef {{step: number, ticks: number, numbers: boolean}} Room
 *
 * A cell: its bar (ns) and row, sizes, and in how many adjoining rows the same side stands out.
 * @typedef {{time: number, row: number, buys: number, sells: number, unsigned: number, buyStack: number, sellStack: number}} Cell
 *
 * @typedef {{cells: Cell[], busiest: {time: number, row: number}[]}} Footprint `busiest`: each bar's point of control
 */

const EPSILON = Number.EPSILON

/**
 * What a view has room for; null: too little for anything.
 * @param {Pick<Plot, "times" | "prices" | "width" | "height">} plot
 * @param {number} tick
 * @returns {Room | null}
 */
export function roomOf({times: [begin, end], prices: [low, high], width, height}, tick) {
  const {bar, row, cells, coarsest: bps} = FOOTPRINT, wide = Math.max(Math.round(width), 1)
  const pixel = (high - low) / Math.max(Math.round(height), 1) / tick
  const coarsest = Math.max(Math.abs(low + high) / 2 * bps * 1e-4 / tick, 1)
  const numbered = niceStep(Math.max(row * pixel, 1), NICE_ROWS)
  if (numbered <= coarsest) return {step: niceStep((end - begin) * bar / wide, NICE_TIMES), ticks: numbered, numbers: true}
  const ticks = niceStep(Math.max(cells * pixel, 1), NICE_ROWS)
  return ticks <= coarsest ? {step: candleStep(begin, end, width), ticks, numbers: false} : null
}

/**
 * The row of a price: one that is a whole tick but for rounding is that tick.
 * @param {number} price
 * @param {number} tick
 * @param {number} ticks of a row
 */
export function rowOf(price, tick, ticks) {
  const whole = price / tick, near = rint(whole), off = Math.abs(whole - near)
  const at = off <= 1e-6 || off <= 4 * EPSILON * Math.abs(whole) ? near : Math.floor(whole)
  return Math.floor((at + 0.5) / ticks)
}

/**
 * The footprint of the bars of a view.
 * @param {Trades} trades
 * @param {{step: number, ticks: number}} room
 * @param {number[]} times of the view, ns
 * @param {{tick: number, perUnit: number | null, from: number | null, to: number | null}} market sizes are whole numbers of
 *   `1 / perUnit`, so that sums of them are exact, or as they are; a bar that begins before `from`, or ends after `to`, would lack
 *   trades, and is left out
 * @returns {Footprint}
 */
export function footprintOf({time, price, size, aggressor}, {step, ticks}, [left, right], {tick, perUnit, from, to}) {
  const begin = Math.max(Math.floor(left / step), from === null ? -Infinity : Math.ceil(from / step)) * step
  const end = Math.min(Math.ceil(right / step), to === null ? Infinity : Math.floor(to / step)) * step
  const amount = perUnit === null ? i => size[i] : i => rint(size[i] * perUnit)
  /** @type {Footprint} */
  const found = {cells: [], busiest: []}
  for (let i = firstFrom(time, begin); i < time.length && time[i] < end;) {
    const bar = Math.floor(time[i] / step) * step, rows = new Map()
    for (; i < time.length && time[i] < bar + step; i++) {
      const row = rowOf(price[i], tick, ticks)
      if (!rows.has(row)) rows.set(row, [0, 0, 0])
      rows.get(row)[aggressor[i]] += amount(i)
    }
    putBar(found, bar, rows, perUnit ?? 1)
  }
  return found
}

/**
 * The cells of a bar, and its busiest row, of equals the lowest.
 * @param {Footprint} found
 * @param {number} time
 * @param {Map<number, number[]>} rows what was unsigned, bought and sold in each
 * @param {number} perUnit
 */
function putBar({cells, busiest}, time, rows, perUnit) {
  const lit = [...rows.keys()].sort((a, b) => a - b), stacks = stacksOf(rows, lit)
  let most = 0, best = null
  for (const row of lit) {
    const [unsigned, buys, sells] = rows.get(row), volume = unsigned + buys + sells
    if (volume > most) [most, best] = [volume, row]
    const [buyStack, sellStack] = stacks.map(of => of.get(row) ?? 0)
    cells.push({time, row, buys: buys / perUnit, sells: sells / perUnit, unsigned: unsigned / perUnit, buyStack, sellStack})
  }
  if (best !== null) busiest.push({time, row: best})
}

/**
 * How long the run of imbalances is that each row is in: buys against the sells one row below, sells against the buys one
 * row above; below the lowest row and above the highest there is nothing to compare with.
 * @param {Map<number, number[]>} rows
 * @param {number[]} lit rows, rising
 */
function stacksOf(rows, lit) {
  const {ratio, rounding} = FOOTPRINT, [lowest, highest] = [lit[0], lit[lit.length - 1]]
  const at = (row, side) => rows.get(row)?.[side] ?? 0
  const stands = (one, other) => one > 0 && one >= ratio * other * rounding
  const isBuy = row => row > lowest && stands(at(row, 1), at(row - 1, 2))
  const isSell = row => row < highest && stands(at(row, 2), at(row + 1, 1))
  return [isBuy, isSell].map(is => {
    const runs = new Map(), marked = lit.filter(is)
    for (let i = 0; i < marked.length;) {
      let j = i + 1
      while (j < marked.length && marked[j] == marked[j - 1] + 1) j++
      for (const row of marked.slice(i, j)) runs.set(row, j - i)
      i = j
    }
    return runs
  })
}
