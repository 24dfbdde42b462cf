// What a cell tells under the pointer.

import {firstFrom} from "../book/search.js"
import {frontAt} from "../colour/front.js"
import {weight} from "../raster/weight.js"
import {CARRIED, UNKNOWN} from "../rules.js"

/** @typedef {import("../book/decode.js").Side} Side */

/**
 * What the cell at a column and row tells of the side that shows there.
 * @param {{sides: Pick<Side, "levels" | "piece">[]}} book
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
    return {...place, side: null, size: Math.fround(unlit / ticks), state: UNKNOWN, known, age: null}
  }
  const {liquidity, state} = cells[front], size = Math.fround(liquidity[at] / ticks)
  const age = state[at] == CARRIED ? ageOf(book.sides[front], place.right, low, high, carrying) : 0
  return {...place, side: /** @type {0 | 1} */ (front), size, state: state[at], known, age}
}

/**
 * Age (ns) just before the right edge of what is carried in a row, weighed by effective size; null of nothing.
 * @param {Pick<Side, "levels" | "piece">} side
 * @param {number} right
 * @param {number} low
 * @param {number} high
 * @param {import("../raster/weight.js").Carry} carrying
 */
export function ageOf({levels, piece: {first, seen, end, size}}, right, low, high, {rate, prune}) {
  let sum = 0, weights = 0
  for (let level = firstFrom(levels, low); level < levels.length && levels[level] < high; level++) {
    for (let i = firstFrom(end, right, first[level], first[level + 1]); i < first[level + 1] && seen[i] < right; i++) {
      const age = right - seen[i], effective = age < prune ? size[i] * weight(age, rate) : 0
      sum += effective * age
      weights += effective
    }
  }
  return weights > 0 ? Math.floor(sum / weights) : null
}
