// What a tooltip says of a cell, as the app has it (liqmap.render.frames.readout), in its order.

import {NOT_DRAWN, SIDES, STATES} from "../rules.js"
import {NS, clock, duration, exact, money, perWords, price, roundAge} from "./words.js"

/**
 * @param {import("../source/source.js").Cell} cell
 * @param {import("../chart/chart.js").Market} market
 * @param {string} agg
 * @returns {[string, string][]} names and words
 */
export function cellRows(cell, {baseSeconds, tick, places, units, worth: told}, agg) {
  const time = clock(baseSeconds, cell.left, Math.min(cell.right - cell.left, NS.ms)), lit = cell.side !== null
  const from = price(cell.low * tick, places), to = price((cell.high - 1) * tick, places)
  /** @type {[string, string][]} */
  const rows = [["time", `${time.date} ${time.time}`], ["price", from == to ? from : `${from} – ${to}`]]
  if (!lit && !cell.size && !cell.known) return [...rows, ["state", "unknown"]]
  const per = perWords(agg, cell.high - cell.low), size = `${exact(cell.size)} ${units.size}${per}`
  const worth = told == "price" ? (cell.low + cell.high - 1) / 2 * tick : told
  const notional = worth === null ? "–" : `${money(cell.size * worth)} ${units.price}${per}`
  const state = lit ? STATES[cell.state] : cell.size ? NOT_DRAWN : "empty"
  const age = cell.age === null ? "–" : duration(roundAge(cell.age))
  return [...rows, ["side", lit ? SIDES[cell.side] : "–"], ["size", size], ["notional", notional],
    ["state", state], ["age", age]]
}
