// Carried pieces of a frame of even columns, sorted once for every half-life and prune: a slider then only weighs them. Under
// a mixture they have their classes beside them, and are weighed in `mixed.js`.
// Where a piece begins within a column, what it gives to that column is its head: most pieces are back within seconds
// and are nothing else (see heads.js). What goes on beyond the next edge is a crossing (see crossings.js).

import {firstAfter, firstFrom} from "../book/search.js"
import {finish} from "./ahead.js"
import {classesOf} from "./classes.js"
import {columnOf} from "./columns.js"
import {addCrossings, emptyBlocks, fadingOf, spread} from "./crossings.js"
import {addHeads, cut, headsUnder} from "./heads.js"

/**
 * @typedef {object} Settled
 * @property {Map<number, import("./heads.js").Heads>} heads by the length up to which they are summed
 * @property {import("./crossings.js").Crossings} crossings
 *
 * @typedef {import("./columns.js").Columns} Columns
 * @typedef {import("./observed.js").Aggregate} Aggregate
 */

/**
 * Yields now and then, so that it may be done while nothing else is.
 * @param {import("./classes.js").Quoted} side
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {Float64Array} rows
 * @param {import("./weight.js").Mixture} carrying by whose classes and shares, whatever its prune
 * @param {number} version of the book
 * @returns {Generator<undefined, Settled>}
 */
export function* settle(side, agg, columns, rows, carrying, version) {
  const {levels, piece} = side, groupOf = classesOf(side, carrying, version), news = carrying.shares.map(sumOf)
  const P = rows.length - 1, {edges, count} = columns, left = edges[0], right = edges[count], {seen, end, size} = piece
  const {begins, stops, most} = piecesIn(levels, piece, rows, left, right), from = firstFrom(levels, rows[0])
  const whole = () => new Int32Array(most), real = () => new Float64Array(most), ends = () => new Int32Array(P + 1)
  /** @type {import("./heads.js").Each} */
  const heads = {first: ends(), column: whole(), length: real(), size: real(), group: whole()}
  /** @type {import("./crossings.js").Crossings} */
  const crossings = {
    first: ends(), column: whole(), stop: whole(), tail: real(), seen: real(), lasts: real(), size: real(),
    group: whole(),
  }
  const place = new Int32Array(count).fill(-1)
  let level = from, head = 0, cross = 0
  for (let r = 0; r < P; r++) {
    for (; level < levels.length && levels[level] < rows[r + 1]; level++) {
      for (let i = begins[level - from]; i < stops[level - from]; i++) {
        if (!(seen[i] < end[i])) continue
        const within = seen[i] >= left, j = within ? columnOf(seen[i], columns) : 0, edge = edges[j + 1]
        const group = groupOf(level, i), own = agg == "peak" ? size[i] * news[group] : size[i]
        if (within && agg == "peak" && place[j] >= heads.first[r]) {
          if (own > heads.size[place[j]]) heads.size[place[j]] = own
        } else if (within && agg != "last") {
          place[j] = head
          heads.column[head] = j
          heads.length[head] = Math.min(end[i], edge) - seen[i]
          heads.group[head] = group
          heads.size[head++] = own
        }
        // A last size counts at the edge itself.
        if (agg == "last" ? end[i] < edge : within && end[i] <= edge) continue
        const until = Math.min(end[i], right), stop = columnOf(until, columns)
        crossings.column[cross] = agg == "last" || !within ? j : j + 1
        crossings.stop[cross] = stop
        crossings.tail[cross] = until - edges[stop]
        crossings.seen[cross] = seen[i]
        crossings.lasts[cross] = end[i] - seen[i]
        crossings.group[cross] = group
        crossings.size[cross++] = size[i]
      }
    }
    heads.first[r + 1] = head
    crossings.first[r + 1] = cross
    if (r % 8 == 7) yield
  }
  return {heads: new Map([[0, {each: cut(heads, head)}]]), crossings: cut(crossings, cross)}
}

/** @param {number[]} shares */
const sumOf = shares => shares.reduce((sum, share) => sum + share, 0)

/** Which pieces of each level of the rows lie in time, and how many these are. */
function piecesIn(levels, {first, stop, seen, end}, rows, left, right) {
  const from = firstFrom(levels, rows[0]), to = firstFrom(levels, rows[rows.length - 1])
  const begins = new Int32Array(to - from), stops = new Int32Array(to - from)
  let most = 0
  for (let level = from; level < to; level++) {
    const begin = firstAfter(end, first[level], stop[level], left)
    begins[level - from] = begin
    stops[level - from] = firstFrom(seen, right, begin, stop[level])
    most += stops[level - from] - begin
  }
  return {begins, stops, most}
}

/**
 * @param {Settled} settled
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {import("./weight.js").Fading} carrying
 * @returns {import("./pieces.js").Adding}
 */
export function fromSettled(settled, agg, columns, carrying) {
  const heads = finish(headsUnder(settled.heads, agg, columns, carrying))
  const fading = fadingOf(columns, carrying), blocks = emptyBlocks(columns.count)
  return (r, begin, end, partial, carried) => {
    addHeads(heads, agg, r, carrying, partial, carried)
    addCrossings(settled.crossings, agg, r, columns, carrying, fading, blocks, partial, carried)
    spread(blocks, agg, fading, partial, carried)
  }
}
