// How far from the touch carried levels were when the book last confirmed them, for tables that go by it.

import {firstFrom} from "../book/search.js"
import {NO_QUOTE} from "../rules.js"

/** @typedef {Pick<import("../book/decode.js").Side, "levels" | "piece" | "quote">} Quoted */

/**
 * The row of the table for the piece `i` of a level: of the touch that stood until it was last seen, in basis points;
 * the last row without a touch.
 * @param {Quoted} side
 * @param {number} level
 * @param {number} i
 * @param {number[]} distances edges between the rows
 */
export function rowOf({levels, piece, quote}, level, i, distances) {
  if (!distances.length) return 0
  const at = firstFrom(quote.start, piece.seen[i]) - 1, best = at < 0 ? NO_QUOTE : quote.tick[at]
  if (best == NO_QUOTE || best == 0) return distances.length
  const far = Math.abs(levels[level] - best) / Math.abs(best) * 1e4
  let row = 0
  while (row < distances.length && distances[row] <= far) row++
  return row
}
