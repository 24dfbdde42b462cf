// What a cell tells under the pointer.

import {firstAfter, firstFrom} from "../book/search.js"
import {frontAt} from "../colour/front.js"
import {classOf} from "../raster/classes.js"
import {weightOf} from "../raster/weight.js"
import {CARRIED, UNKNOWN} from "../rules.js"

/** @typedef {Pick<import("../book/decode.js").Side, "levels" | "piece" | "quote">} Told */

/** A level decides a peak if it is more than another by more than arithmetic may be: else the first does. */
const CLOSE = 1 + 1e-9

/**
 * What the cell at a column and row tells of the side that shows there.
 * @param {{sides: Told[]}} book
 * @param {import("../raster/frame.js").Frame} frame
 * @param {number} j
 * @param {number} r
 * @param {import("../colour/front.js").Shown} ask
 * @param {import("../colour/scale.js").Scale} scale
 * @param {import("../raster/weight.js").Carry} carrying
 * @returns {import("../source/source.js").Cell}
 */
export function tellCell(book, frame, j, r, ask, scale, carrying) {
  const {columns, rows, cells, ticks} = frame, at = r * columns.count + j, [low, high] = [rows[r], rows[r + 1]]
  const place = {left: columns.edges[j], right: columns.edges[j + 1], low, high}
  const front = frontAt(frame, at, scale, ask), hidden = ask.carriedShown == "hide" || ask.carried == 0
  const known = cells.every(({state}) => state[at] != UNKNOWN && !(hidden && state[at] == CARRIED))
  if (front < 0) {
    const unlit = Math.max(...cells.map(({liquidity, state}) => state[at] == UNKNOWN ? 0 : liquidity[at]))
    const size = Math.fround(unlit / ticks)
    return {...place, side: null, size, raw: size, state: UNKNOWN, known, age: null}
  }
  const {liquidity, state} = cells[front], size = Math.fround(liquidity[at] / ticks)
  const seen = state[at] == CARRIED ? lastSeen(book.sides[front], frame.agg, place, carrying) : {raw: size * ticks, age: 0}
  return {...place, side: /** @type {0 | 1} */ (front), size, raw: Math.fround(seen.raw / ticks), state: state[at], known, age: seen.age}
}

/**
 * What is carried in a cell before it faded, and how long ago (ns) it was seen: of the level that decides a peak; else the
 * sums of `last` or of a `mean`, and the age at the right edge, weighed by effective size.
 * @param {Told} side
 * @param {string} agg
 * @param {{left: number, right: number, low: number, high: number}} place
 * @param {import("../raster/weight.js").Carry} carrying
 * @returns {{raw: number, age: number | null}}
 */
export function lastSeen(side, agg, {left, right, low, high}, carrying) {
  const {levels, piece: {first, stop, seen, end, size}} = side
  let raw = 0, strongest = 0, ago = 0
  for (let level = firstFrom(levels, low); level < levels.length && levels[level] < high; level++) {
    for (let i = firstAfter(end, first[level], stop[level], left); i < stop[level] && seen[i] < right; i++) {
      const age = Math.max(left - seen[i], 0), group = classOf(side, level, i, carrying), prune = carrying.reach[group]
      if (agg == "peak") {
        const effective = age < prune ? size[i] * weightOf(carrying, age, group) : 0
        if (effective > strongest * CLOSE) [strongest, raw, ago] = [effective, size[i], age]
      } else if (agg == "last") raw += end[i] >= right && right - seen[i] < prune ? size[i] : 0
      else raw += size[i] * Math.max(Math.min(end[i], right, seen[i] + prune) - Math.max(seen[i], left), 0) / (right - left)
    }
  }
  return {raw, age: agg != "peak" ? ageOf(side, right, low, high, carrying) : strongest > 0 ? ago : null}
}

/**
 * Age (ns) just before the right edge of what is carried in a row, weighed by effective size; null of nothing.
 * @param {Told} side
 * @param {number} right
 * @param {number} low
 * @param {number} high
 * @param {import("../raster/weight.js").Carry} carrying
 */
export function ageOf(side, right, low, high, carrying) {
  const {levels, piece: {first, stop, seen, end, size}} = side
  let sum = 0, weights = 0
  for (let level = firstFrom(levels, low); level < levels.length && levels[level] < high; level++) {
    for (let i = firstFrom(end, right, first[level], stop[level]); i < stop[level] && seen[i] < right; i++) {
      const age = right - seen[i], group = classOf(side, level, i, carrying)
      const effective = age < carrying.reach[group] ? size[i] * weightOf(carrying, age, group) : 0
      sum += effective * age
      weights += effective
    }
  }
  return weights > 0 ? Math.floor(sum / weights) : null
}
