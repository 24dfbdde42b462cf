// The carried part of a frame under a model of carry, and cells finished from both parts.
// Nothing is subtracted, so an empty cell is exactly 0.

import {firstAfter, firstFrom} from "../book/search.js"
import {CARRIED, OBSERVED, UNKNOWN} from "../rules.js"
import {addingOf} from "./models.js"

/** @typedef {import("../book/decode.js").Side} Side */
/** @typedef {import("./columns.js").Columns} Columns */
/** @typedef {import("./models.js").Kept} Kept */
/** @typedef {{liquidity: Float32Array, state: Uint8Array}} Cells of a side by row, then column */
/** @typedef {Cells & {changing: Uint8Array}} Drawn and which rows a model can change */

/**
 * Whether rows hold pieces that may show: only these change with half-life, prune or model.
 * @param {Pick<Side, "levels" | "piece">} side
 * @param {Columns} columns
 * @param {Float64Array} rows
 */
export function rowsWithPieces(side, columns, rows) {
  const P = rows.length - 1, out = new Uint8Array(P)
  const {first, stop, seen, end} = side.piece, left = columns.edges[0], right = columns.edges[columns.count]
  let level = firstFrom(side.levels, rows[0])
  for (let r = 0; r < P; r++) {
    for (; level < side.levels.length && side.levels[level] < rows[r + 1]; level++) {
      const i = firstAfter(end, first[level], stop[level], left)
      if (i < stop[level] && seen[i] < right) out[r] = 1
    }
  }
  return out
}

/**
 * Finish the cells of a frame: all rows, or with `again` those alone that a model can change.
 * @param {Pick<Side, "levels" | "piece" | "quote" | "outward">} side
 * @param {import("./observed.js").Aggregate} agg
 * @param {Columns} columns
 * @param {Float64Array} rows
 * @param {import("./weight.js").Carry} carrying
 * @param {import("./observed.js").Observed} observed
 * @param {Drawn} cells
 * @param {Kept} kept of the frame
 * @param {boolean} again
 * @param {import("./spots.js").Spots | undefined} spots the cells that a model can change, if they are known
 */
export function carry(side, agg, columns, rows, carrying, observed, cells, kept, again, spots) {
  const P = rows.length - 1, T = columns.count, {levels} = side, every = Int32Array.from({length: T}, (_, c) => c)
  const add = addingOf(side, agg, columns, carrying, kept)
  const partial = new Float64Array(T), carried = new Uint8Array(T)
  let level = firstFrom(levels, rows[0])
  for (let r = 0; r < P; r++) {
    const begin = level, rowEdge = rowEdgeOf(side, rows[r], rows[r + 1])
    while (level < levels.length && levels[level] < rows[r + 1]) level++
    if (cells.changing[r] && carrying.prune > 0) {
      add(r, begin, level, partial, carried)
      const changed = spots && again ? spots.column.subarray(spots.first[r], spots.first[r + 1]) : every
      finishCarried(agg, rowEdge, columns, observed, r * T, changed, partial, carried, cells)
      partial.fill(0)
      carried.fill(0)
    } else if (cells.changing[r] || !again) finishPlain(rowEdge, observed, r * T, T, cells)
  }
}

/**
 * The tick of a row nearest to the other side, as bounds count; one without ticks is never known.
 * @param {Pick<Side, "outward">} side
 * @param {number} low
 * @param {number} high
 */
function rowEdgeOf(side, low, high) {
  if (low >= high) return NaN
  return side.outward < 0 ? 1 - high : low
}

function finishPlain(rowEdge, {values, bound}, from, T, {liquidity, state}) {
  for (let c = 0; c < T; c++) {
    const seen = values[from + c], known = bound[c] >= rowEdge || seen > 0
    state[from + c] = known ? OBSERVED : UNKNOWN
    liquidity[from + c] = known ? seen : NaN
  }
}

function finishCarried(agg, rowEdge, {per}, {values, bound}, from, changed, partial, carried, {liquidity, state}) {
  const peak = agg == "peak", mean = agg == "mean"
  for (let n = 0; n < changed.length; n++) {
    const c = changed[n], at = from + c
    const seen = values[at], carriedSize = mean ? partial[c] * per[c] : partial[c]
    if (seen > 0 || bound[c] >= rowEdge) state[at] = OBSERVED
    else if (carried[c]) state[at] = CARRIED
    else {
      state[at] = UNKNOWN
      liquidity[at] = NaN
      continue
    }
    liquidity[at] = !peak ? seen + carriedSize : carriedSize > seen ? carriedSize : seen
  }
}
