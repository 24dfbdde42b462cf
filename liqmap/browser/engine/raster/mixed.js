// Carried pieces of a frame of even columns under a mixture: a sum of exponentials whose shares go by class. What a model
// makes of settled pieces is worked out once for every prune. From column to column each part of a piece fades by a factor
// of its own, and is left out once it is nothing beside the slowest. Sums are those of the parts, in blocks as for a
// half-life (see crossings.js). The order of two carried sizes may change as they age, so the largest is looked for piece by
// piece, the largest first; a block of columns that one cannot raise is passed over at once.

import {columnOf} from "./columns.js"
import {BLOCK, emptyBlocks, fadingOf} from "./crossings.js"
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
 * Parts of a piece that are more than nothing, each with the place of its rate, what is left of it, and by how much it fades from
 * column to column and from block to block.
 * @typedef {{count: number, place: Int32Array, value: Float64Array, step: Float64Array, leap: Float64Array}} Parts
 */

/**
 * Puts into `parts` what there is of a crossing at the edge that it is first met at; of a mean its integral over a column.
 * @param {Mixed} mixed
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {Mixture} carrying
 */
function partsOf({settled: {crossings: {group}}, entries}, agg, columns, {rates, cuts}) {
  const K = rates.length, fadings = rates.map(rate => fadingOf(columns, {rate})), real = () => new Float64Array(K)
  /** @type {Parts} */
  const parts = {count: 0, place: new Int32Array(K), value: real(), step: real(), leap: real()}
  const {place, value, step, leap} = parts, of = fadings.map(fading => agg == "mean" ? fading.whole : 1)
  const put = (k, amount) => {
    place[parts.count] = k
    value[parts.count] = amount
    step[parts.count] = fadings[k].step
    leap[parts.count++] = fadings[k].leap
  }
  return {parts, put, of, begin: (n, age) => {
    const gone = cuts[group[n]]
    parts.count = 0
    for (let k = 0; k < K; k++) if (gone[k] > age) put(k, entries[n * K + k] * of[k])
  }}
}

/**
 * Adds the crossings of a row.
 * @param {Mixed} mixed
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {Mixture} carrying
 * @returns {import("./pieces.js").Adding}
 */
function piling(mixed, agg, columns, carrying) {
  const {settled: {crossings}, tails} = mixed, {first, column, seen} = crossings, {edges, count} = columns, {rates} = carrying
  const last = agg == "last" ? 1 : 0, {at, find} = endsOf(crossings, columns, carrying.reach, last), K = rates.length
  const {parts, put, of, begin: take} = partsOf(mixed, agg, columns, carrying), {place, value} = parts
  const {size: sums, carried: some} = emptyBlocks(count), blocks = {sums: new Float64Array(sums.length * K), some, K}
  return (r, begin, end, partial, carried) => {
    for (let n = first[r]; n < first[r + 1]; n++) {
      const j = column[n], edge = edges[j + last]
      find(n, edge)
      const {to, rest, isPruned} = at
      if (to < 0) continue
      if (j < to || isPruned) take(n, edge - seen[n])
      if (j < to) pile(partial, carried, blocks, j, to, parts)
      if (!(agg == "mean" && rest > 0)) continue
      carried[to] = 1
      if (!isPruned) partial[to] += tails[n]
      else for (let k = 0; k < parts.count; k++) partial[to] += value[k] / of[place[k]] * integral(0, rest, rates[place[k]])
    }
    for (let b = 0; b < some.length; b++) {
      if (!some[b]) continue
      parts.count = 0
      for (let k = 0; k < K; k++) if (blocks.sums[b * K + k] > 0) put(k, blocks.sums[b * K + k])
      fill(partial, carried, b * BLOCK, (b + 1) * BLOCK, parts)
      blocks.sums.fill(0, b * K, b * K + K)
      some[b] = 0
    }
  }
}

/**
 * Adds parts to the columns from j to `to` as they fade, and to whole blocks of them what is to be put into their columns.
 * @param {Float64Array} partial
 * @param {Uint8Array} carried
 * @param {{sums: Float64Array, some: Uint8Array, K: number}} blocks
 * @param {number} j
 * @param {number} to
 * @param {Parts} parts
 */
function pile(partial, carried, {sums, some, K}, j, to, parts) {
  while (j < to) {
    const block = j - j % BLOCK, stop = block + BLOCK
    if (j > block || stop > to) fill(partial, carried, j, Math.min(stop, to), parts)
    else {
      for (let k = 0; k < parts.count; k++) sums[j / BLOCK * K + parts.place[k]] += parts.value[k]
      some[j / BLOCK] = 1
      leapOver(parts)
    }
    j = stop
  }
}

/** Adds parts to the columns of a block from j to `to`. */
function fill(partial, carried, j, to, {count, value, step}) {
  for (; j < to; j++) {
    let sum = 0
    for (let k = 0; k < count; k++) {
      sum += value[k]
      value[k] *= step[k]
    }
    partial[j] += sum
    carried[j] = 1
  }
  for (let k = 0; k < count; k++) value[k] = faded(value[k])
}

/** Parts a block later. @param {Parts} parts */
function leapOver({count, value, leap}) {
  for (let k = 0; k < count; k++) value[k] = faded(value[k] * leap[k])
}

/**
 * Raises the cells of a row to its crossings.
 * @param {Mixed} mixed
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {Mixture} carrying
 * @returns {import("./pieces.js").Adding}
 */
function raising(mixed, agg, columns, carrying) {
  const {settled: {crossings}, order} = mixed, {first, column, seen} = crossings, {edges, count} = columns
  const {at, find} = endsOf(crossings, columns, carrying.reach, 0)
  const {parts, begin: take} = partsOf(mixed, agg, columns, carrying), least = new Float64Array(Math.ceil(count / BLOCK))
  return (r, begin, end, partial, carried) => {
    least.fill(-1)
    for (let m = first[r]; m < first[r + 1]; m++) {
      const n = order[m], j = column[n], edge = edges[j]
      find(n, edge)
      if (at.to < 0) continue
      take(n, edge - seen[n])
      raise(partial, carried, least, j, at.rest > 0 ? at.to + 1 : at.to, parts)
    }
  }
}

/**
 * Raises the columns from j to `to` to a sum of parts as it fades, where it is more than the `least` of a block.
 * @param {Float64Array} partial
 * @param {Uint8Array} carried
 * @param {Float64Array} least of what stands in each block; below 0 while that is not known
 * @param {number} j
 * @param {number} to
 * @param {Parts} parts
 */
function raise(partial, carried, least, j, to, parts) {
  while (j < to) {
    const block = j - j % BLOCK, stop = block + BLOCK, isWhole = j == block && stop <= to
    if (isWhole && sumOf(parts) <= least[j / BLOCK]) leapOver(parts)
    else {
      const low = lift(partial, carried, j, Math.min(stop, to), parts)
      if (isWhole) least[j / BLOCK] = low
    }
    j = stop
  }
}

/** Raises the columns of a block from j to `to`; gives the least of what then stands there. */
function lift(partial, carried, j, to, {count, value, step}) {
  let low = Infinity
  for (; j < to; j++) {
    let sum = 0
    for (let k = 0; k < count; k++) {
      sum += value[k]
      value[k] *= step[k]
    }
    if (sum > partial[j]) partial[j] = sum
    if (partial[j] < low) low = partial[j]
    carried[j] = 1
  }
  for (let k = 0; k < count; k++) value[k] = faded(value[k])
  return low
}

/** @param {Parts} parts */
function sumOf({count, value}) {
  let sum = 0
  for (let k = 0; k < count; k++) sum += value[k]
  return sum
}
