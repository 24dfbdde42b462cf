// What is said of a cell, as the app has it (liqmap.render.frames.readout), in its order.

import {rounded} from "../numbers.js"
import {CARRIED, NOT_DRAWN, SIDES, STATES} from "../rules.js"
import {NS, agoWords, clock, duration, exact, money, perWords, price, roundAge} from "./words.js"

/** Where there is nothing to say. */
const UNTOLD = "–"

/** @typedef {import("../source/source.js").Cell} Cell */
/** @typedef {import("../chart/chart.js").Market} Market */

/**
 * @param {Cell} cell
 * @param {Market} market
 * @param {string} agg
 * @param {string} [zone] that times are told in
 * @returns {[string, string][]} names and words
 */
export function cellRows(cell, {baseSeconds, tick, places, units, worth: told}, agg, zone = "UTC") {
  const time = clock(baseSeconds, cell.left, Math.min(cell.right - cell.left, NS.ms), zone), lit = cell.side !== null
  const from = price(cell.low * tick, places), to = price((cell.high - 1) * tick, places)
  /** @type {[string, string][]} */
  const rows = [["time", `${time.date} ${time.time}`], ["price", from == to ? from : `${from} – ${to}`]]
  if (!lit && !cell.size && !cell.known) return [...rows, ["state", "unknown"]]
  const per = perWords(agg, cell.high - cell.low)
  const worth = told == "price" ? (cell.low + cell.high - 1) / 2 * tick : told
  const notional = worth === null ? UNTOLD : `${money(cell.size * worth)} ${units.price}${per}`
  const state = lit ? STATES[cell.state] : cell.size ? NOT_DRAWN : "empty"
  const age = cell.age === null ? "–" : duration(roundAge(cell.age))
  return [...rows, ["side", lit ? SIDES[cell.side] : "–"], ["size", sizeWords(cell, units.size, per)], ["notional", notional],
    ["state", state], ["age", age]]
}

/**
 * A size; of what is carried as it was last seen, when that was, and what it weighs.
 * @param {Cell} cell
 * @param {string} unit
 * @param {string} per
 */
function sizeWords({side, state, size, raw, age}, unit, per) {
  if (side === null || state != CARRIED) return `${exact(size)} ${unit}${per}`
  const seen = age === null ? "seen before" : `seen ${agoWords(age)}`
  return `${exact(raw)} ${unit}${per} ${seen}, weighs ${size < 1000 ? rounded(size, 3) : exact(size)}`
}

/**
 * The same in few lines, as a readout has it.
 * @param {Cell} cell
 * @param {Market} market
 * @param {string} agg
 * @param {string} zone
 * @param {string[]} colours of both sides
 * @returns {import("../chart/readout.js").Line[]}
 */
export function cellLines(cell, market, agg, zone, colours) {
  const {time, price, side, size, notional, state} = Object.fromEntries(cellRows(cell, market, agg, zone))
  const place = {words: `${time}  ·  ${price}`, faint: true}
  if (size === undefined || !cell.size) return [place, {words: state, faint: true}]
  const last = {words: notional == UNTOLD ? state : `${notional}  ·  ${state}`, faint: true}
  if (cell.side === null) return [place, {words: size}, last]
  const there = cell.there ? [{words: `still there: ${cell.there}`}] : []
  return [place, {words: `${side}  ${size}`, colour: colours[cell.side]}, ...there, last]
}
