// Carried pieces of a frame of even columns under a mixture: a sum of exponentials whose shares go by class. What a model
// makes of settled pieces is worked out once for every prune. From column to column each part of a piece fades by a factor
// of its own, and is left out once it is nothing beside the slowest. Sums are those of the parts, in blocks as for a
// half-life (see crossings.js). The order of two carried sizes may change as they age, so the largest is looked for piece by
// piece, the largest first; a block of columns that one cannot raise is passed over at once.

import {columnOf} from "./columns.js"
import {BLOCK, emptyBlocks, fadingOf, pile, spread} from "./crossings.js"
import {addHeads} from "./heads.js"
import {faded, integral, weight} from "./weight.js"

/**
 * What a model makes of the settled pieces of a side, whatever its prune.
 * @typedef {object} Mixed
 * @property {import("./settled.js").Settled} settled
 * @property {Float64Array} heads of a mean: what each gives to its column
 * @property {Float32Array} entries of each crossing what is left of every part at the edge that it is first met at
 * @property {Float64Array} tails of a mean: what each crossing gives to the column in which it ends
 * @property {Int32Array} order of a peak: the crossings of each row, about the largest first
 *
 * @typedef {import("./columns.js").Columns} Columns
 * @typedef {import("./observed.js").Aggregate} Aggregate
 * @typedef {import("./weight.js").Mixture} Mixture
 */

/**
 * Yields now and then, so that it may be done while nothing else is.
 * @param {import("./settled.js").Settled} settled by the classes of the model
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {Mixture} carrying
 * @returns {Generator<undefined, Mixed>}
 */
export function* mix(settled, agg, {edges}, {rates, shares}) {
  const {crossings, heads} = settled, {each} = heads.get(0), K = rates.length, last = agg == "last" ? 1 : 0, mean = agg == "mean"
  const {first, column, stop, tail, seen, size, group} = crossings, count = column.length
  const entries = new Float32Array(count * K), tails = new Float64Array(mean ? count : 0)
  const over = (own, age, width) => {
    let sum = 0
    for (let k = 0; k < K; k++) if (own[k] > 0) sum += own[k] * integral(age, width, rates[k])
    return sum
  }
  for (let n = 0; n < count; n++) {
    const own = shares[group[n]], age = edges[column[n] + last] - seen[n]
    for (let k = 0; k < K; k++) if (own[k] > 0) entries[n * K + k] = size[n] * own[k] * weight(age, rates[k])
    if (mean) tails[n] = size[n] * over(own, edges[stop[n]] - seen[n], tail[n])
    if (n % 4096 == 4095) yield
  }
  const whole = new Float64Array(mean ? each.column.length : 0)
  for (let n = 0; n < whole.length; n++) {
    whole[n] = each.size[n] * over(shares[each.group[n]], 0, each.length[n])
    if (n % 4096 == 4095) yield
  }
  return {settled, heads: whole, entries, tails, order: agg == "peak" ? yield* largestFirst(first, size) : new Int32Array(0)}
}

/** The crossings of each row by the powers of two of their sizes. */
function* largestFirst(first, size) {
  const order = new Int32Array(size.length), place = Int32Array.from(size, value => -Math.floor(Math.log2(value)))
  yield
  for (let r = 0; r + 1 < first.length; r++) {
    const row = order.subarray(first[r], first[r + 1])
    for (let m = 0; m < row.length; m++) row[m] = first[r] + m
    row.sort((a, b) => place[a] - place[b])
    if (r % 8 == 7) yield
  }
  return order
}

/**
 * @param {Mixed} mixed
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {Mixture} carrying
 * @returns {import("./pieces.js").Adding}
 */
export function fromMixed(mixed, agg, columns, carrying) {
  const add = (agg == "peak" ? raising : piling)(mixed, agg, columns, carrying)
  if (agg == "last") return add
  const {each} = mixed.settled.heads.get(0), {prune, reach} = carrying
  const {rates, shares} = carrying, upTo = shares.map(own => (
    own.reduce((sum, share, k) => sum + share * integral(0, Math.min(prune, Number.MAX_SAFE_INTEGER), rates[k]), 0)
  ))
  return (r, begin, end, partial, carried) => {
    if (agg == "peak") addHeads({each}, agg, r, {rate: 0, prune}, partial, carried)
    else {
      for (let n = each.first[r]; n < each.first[r + 1]; n++) {
        const group = each.group[n], j = each.column[n]
        if (reach[group] == 0) continue
        partial[j] += each.length[n] > prune ? each.size[n] * upTo[group] : mixed.heads[n]
        carried[j] = 1
      }
    }
    add(r, begin, end, partial, carried)
  }
}

/**
 * Puts in `at` where a crossing of a class ends that is met at an edge: the column, -1 where it is gone before, for how long it
 * lasts there, and whether that is by prune.
 * @param {import("./crossings.js").Crossings} crossings
 * @param {Columns} columns
 * @param {number[]} reach of each class
 * @param {number} last 1 where what stands at an edge counts
 */
function endsOf({stop, tail, seen, lasts, group}, columns, reach, last) {
  const {edges, count} = columns, right = edges[count], at = {to: 0, rest: 0, isPruned: false}
  return {at, find: (n, edge) => {
    const until = seen[n] + reach[group[n]]
    at.isPruned = lasts[n] > reach[group[n]] && until < right
    at.to = !at.isPruned ? stop[n] : until < edge || (until == edge && !last) ? -1 : columnOf(until, columns)
    at.rest = !at.isPruned ? tail[n] : at.to < 0 ? 0 : until - edges[at.to]
  }}
}

/**
 * Adds the crossings of a row: each part, times its share, to the blocks of its rate.
 * @param {Mixed} mixed
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {Mixture} carrying
 * @returns {import("./pieces.js").Adding}
 */
function piling({settled: {crossings}, entries, tails}, agg, columns, {rates, cuts, reach}) {
  const {first, column, seen, group} = crossings, {edges, count} = columns, K = rates.length, width = edges[1] - edges[0]
  const last = agg == "last" ? 1 : 0, mean = agg == "mean", {at, find} = endsOf(crossings, columns, reach, last)
  const fadings = rates.map(rate => fadingOf(columns, {rate})), blocks = rates.map(() => emptyBlocks(count))
  return (r, begin, end, partial, carried) => {
    for (let n = first[r]; n < first[r + 1]; n++) {
      const j = column[n], edge = edges[j + last], age = edge - seen[n], gone = cuts[group[n]]
      find(n, edge)
      const {to, rest, isPruned} = at
      if (to < 0) continue
      let then = 0
      for (let k = 0; k < K; k++) {
        if (gone[k] <= age) continue
        const {step, leap, whole} = fadings[k], stop = gone[k] == Infinity ? to : Math.min(to, j + Math.ceil((gone[k] - age) / width))
        const left = pile(partial, carried, blocks[k], j, stop, entries[n * K + k] * (mean ? whole : 1), step, leap)
        if (isPruned && mean && stop == to) then += left / whole * integral(0, rest, rates[k])
      }
      if (!(mean && rest > 0)) continue
      partial[to] += isPruned ? then : tails[n]
      carried[to] = 1
    }
    for (let k = 0; k < K; k++) spread(blocks[k], agg, fadings[k], partial, carried)
  }
}

/**
 * Raises the cells of a row to its crossings.
 * @param {Mixed} mixed
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {Mixture} carrying
 * @returns {import("./pieces.js").Adding}
 */
function raising({settled: {crossings}, entries, order}, agg, columns, {rates, cuts, reach}) {
  const {first, column, seen, group} = crossings, {edges, count} = columns, K = rates.length
  const {at, find} = endsOf(crossings, columns, reach, 0), fadings = rates.map(rate => fadingOf(columns, {rate}))
  const parts = {count: 0, value: new Float64Array(K), step: new Float64Array(K), leap: new Float64Array(K)}
  const least = new Float64Array(Math.ceil(count / BLOCK))
  return (r, begin, end, partial, carried) => {
    least.fill(-1)
    for (let m = first[r]; m < first[r + 1]; m++) {
      const n = order[m], j = column[n], edge = edges[j], gone = cuts[group[n]]
      find(n, edge)
      if (at.to < 0) continue
      parts.count = 0
      for (let k = 0; k < K; k++) {
        if (gone[k] <= edge - seen[n]) continue
        parts.value[parts.count] = entries[n * K + k]
        parts.step[parts.count] = fadings[k].step
        parts.leap[parts.count++] = fadings[k].leap
      }
      raise(partial, carried, least, j, at.rest > 0 ? at.to + 1 : at.to, parts)
    }
  }
}

/**
 * Raises the columns from j to `to` to a sum of parts as it fades, where it is more than the `least` of a block.
 * @typedef {{count: number, value: Float64Array, step: Float64Array, leap: Float64Array}} Parts
 * @param {Float64Array} partial
 * @param {Uint8Array} carried
 * @param {Float64Array} least of what stands in each block; below 0 while that is not known
 * @param {number} j
 * @param {number} to
 * @param {Parts} parts
 */
function raise(partial, carried, least, j, to, parts) {
  const {count, value, step, leap} = parts
  while (j < to) {
    const isWhole = j % BLOCK == 0 && j + BLOCK <= to, stop = isWhole ? j + BLOCK : Math.min(to, j - j % BLOCK + BLOCK)
    if (isWhole && sumOf(value, count) <= least[j / BLOCK]) {
      for (let k = 0; k < count; k++) value[k] = faded(value[k] * leap[k])
      j = stop
      continue
    }
    let low = Infinity
    for (; j < stop; j++) {
      let sum = 0
      for (let k = 0; k < count; k++) {
        sum += value[k]
        value[k] = faded(value[k] * step[k])
      }
      if (sum > partial[j]) partial[j] = sum
      if (partial[j] < low) low = partial[j]
      carried[j] = 1
    }
    if (isWhole) least[stop / BLOCK - 1] = low
  }
}

/** @param {Float64Array} values @param {number} count */
function sumOf(values, count) {
  let sum = 0
  for (let k = 0; k < count; k++) sum += values[k]
  return sum
}
