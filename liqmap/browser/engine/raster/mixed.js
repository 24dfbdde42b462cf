// Carried pieces of a frame of even columns under a mixture: a sum of exponentials whose shares go by class. What a model
// makes of settled pieces is worked out once for every prune, and a part is left out once it is nothing beside the slowest of
// its class. The order of two carried sizes may change as they age, so the largest of a cell is looked for piece by piece,
// the largest first.

import {columnOf} from "./columns.js"
import {BLOCK, fadingOf} from "./crossings.js"
import {addHeads} from "./heads.js"
import {blocksOf, partsAt, pile, raise, spreadParts} from "./parts.js"
import {integral, weight} from "./weight.js"

/**
 * What a model makes of the settled pieces of a side, whatever its prune.
 * @typedef {object} Mixed
 * @property {import("./settled.js").Settled} settled
 * @property {Float64Array} heads of a mean: what each gives to its column
 * @property {Float32Array} entries of each crossing what is left of every part at the edge that it is first met at
 * @property {Float64Array} firsts what each crossing gives to the column that begins (of `last`: ends) there
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
export function* mix(settled, agg, columns, {rates, shares}) {
  const {crossings, heads} = settled, {each} = heads.get(0), K = rates.length, last = agg == "last" ? 1 : 0, mean = agg == "mean"
  const {first, column, stop, tail, seen, size, group} = crossings, count = column.length
  const {edges} = columns, of = perColumn(agg, columns, rates)
  const entries = new Float32Array(count * K), firsts = new Float64Array(count), tails = new Float64Array(mean ? count : 0)
  for (let n = 0; n < count; n++) {
    const own = shares[group[n]], age = edges[column[n] + last] - seen[n]
    for (let k = 0; k < K; k++) {
      if (own[k] == 0) continue
      const left = size[n] * own[k] * weight(age, rates[k])
      entries[n * K + k] = left
      firsts[n] += left * of[k]
    }
    if (mean) tails[n] = size[n] * over(own, rates, edges[stop[n]] - seen[n], tail[n])
    if (n % 4096 == 4095) yield
  }
  const whole = new Float64Array(mean ? each.column.length : 0)
  for (let n = 0; n < whole.length; n++) {
    whole[n] = each.size[n] * over(shares[each.group[n]], rates, 0, each.length[n])
    if (n % 4096 == 4095) yield
  }
  return {settled, heads: whole, entries, firsts, tails, order: agg == "peak" ? yield* largestFirst(first, size) : new Int32Array(0)}
}

/** What a size that fades gives in a column, of what it is at first, by rate. */
function perColumn(agg, columns, rates) {
  return rates.map(rate => agg == "mean" ? fadingOf(columns, {rate}).whole : 1)
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
  const add = agg == "peak" ? raising(mixed, columns, carrying) : piling(mixed, agg, columns, carrying)
  if (agg == "last") return add
  const begin = agg == "peak" ? highest(mixed, carrying) : summed(mixed, carrying)
  return (r, from, to, partial, carried) => {
    begin(r, from, to, partial, carried)
    add(r, from, to, partial, carried)
  }
}

/** The heads of a peak: they are the largest of their cells. @param {Mixed} mixed @param {Mixture} carrying */
function highest({settled}, {prune}) {
  const {each} = settled.heads.get(0)
  return (r, from, to, partial, carried) => addHeads({each}, "peak", r, {rate: 0, prune}, partial, carried)
}

/** The heads of a mean. @param {Mixed} mixed @param {Mixture} carrying */
function summed({settled, heads}, {prune, reach, rates, shares}) {
  const {first, column, length, size, group} = settled.heads.get(0).each
  // As far as a prune goes, if there is one.
  const short = shares.map(own => isFinite(prune) ? over(own, rates, 0, prune) : 0)
  return (r, from, to, partial, carried) => {
    for (let n = first[r]; n < first[r + 1]; n++) {
      const own = group[n], j = column[n]
      if (reach[own] == 0) continue
      partial[j] += length[n] > prune ? size[n] * short[own] : heads[n]
      carried[j] = 1
    }
  }
}

/**
 * The integral of a class from an age on.
 * @param {number[]} own shares
 * @param {number[]} rates
 * @param {number} age
 * @param {number} width
 */
function over(own, rates, age, width) {
  let sum = 0
  for (let k = 0; k < rates.length; k++) if (own[k] > 0) sum += own[k] * integral(age, width, rates[k])
  return sum
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
 * What takes a crossing's parts at the edge that it is first met at, each times `of`.
 * @param {Mixed} mixed
 * @param {Mixture} carrying
 * @param {ReturnType<typeof partsAt>} room
 * @param {number[]} of by rate
 */
function takerOf({settled: {crossings: {group}}, entries}, {cuts}, {parts, put}, of) {
  const K = of.length
  return (n, age) => {
    const gone = cuts[group[n]]
    parts.count = 0
    for (let k = 0; k < K; k++) if (gone[k] > age) put(k, entries[n * K + k] * of[k])
  }
}

/**
 * Adds the crossings of a row; of a mean each part by its integral over a column.
 * @param {Mixed} mixed
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {Mixture} carrying
 * @returns {import("./pieces.js").Adding}
 */
function piling(mixed, agg, columns, carrying) {
  const {settled: {crossings}, firsts, tails} = mixed, {first, column, seen} = crossings
  const {edges, count} = columns, {rates, reach} = carrying
  const last = agg == "last" ? 1 : 0, mean = agg == "mean", of = perColumn(agg, columns, rates)
  const room = partsAt(rates, columns), {parts} = room, {place, value} = parts, blocks = blocksOf(count, rates.length)
  const {at, find} = endsOf(crossings, columns, reach, last), take = takerOf(mixed, carrying, room, of)
  return (r, begin, end, partial, carried) => {
    for (let n = first[r]; n < first[r + 1]; n++) {
      const j = column[n], edge = edges[j + last]
      find(n, edge)
      const {to, rest, isPruned} = at
      if (to < 0) continue
      if (to - j == 1 && !isPruned) {
        partial[j] += firsts[n]
        carried[j] = 1
      } else {
        if (j < to || isPruned) take(n, edge - seen[n])
        if (j < to) pile(partial, carried, blocks, j, to, parts)
      }
      if (!(mean && rest > 0)) continue
      carried[to] = 1
      if (!isPruned) partial[to] += tails[n]
      else for (let k = 0; k < parts.count; k++) partial[to] += value[k] / of[place[k]] * integral(0, rest, rates[place[k]])
    }
    spreadParts(partial, carried, blocks, room)
  }
}

/**
 * Raises the cells of a row to its crossings.
 * @param {Mixed} mixed
 * @param {Columns} columns
 * @param {Mixture} carrying
 * @returns {import("./pieces.js").Adding}
 */
function raising(mixed, columns, carrying) {
  const {settled: {crossings}, firsts, order} = mixed, {first, column, seen} = crossings
  const {edges, count} = columns, {rates, reach} = carrying
  const room = partsAt(rates, columns), least = new Float64Array(Math.ceil(count / BLOCK))
  const {at, find} = endsOf(crossings, columns, reach, 0), take = takerOf(mixed, carrying, room, rates.map(() => 1))
  return (r, begin, end, partial, carried) => {
    least.fill(-1)
    for (let m = first[r]; m < first[r + 1]; m++) {
      const n = order[m], j = column[n], edge = edges[j]
      find(n, edge)
      const stop = at.rest > 0 ? at.to + 1 : at.to
      if (stop - j == 1) {
        if (firsts[n] > partial[j]) partial[j] = firsts[n]
        carried[j] = 1
      } else if (stop > j) {
        take(n, edge - seen[n])
        raise(partial, carried, least, j, stop, room.parts)
      }
    }
  }
}
