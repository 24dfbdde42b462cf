// A view that has moved in time alone, as while it is dragged or played, or of which more is known: of columns that were
// in view before, what was observed and what is drawn is there already.

/** @typedef {import("./columns.js").Columns} Columns */
/** @typedef {Float32Array | Float64Array | Uint32Array | Uint8Array} Values */

/**
 * Columns of a view that lay in one before.
 * @typedef {object} Shift
 * @property {number} by how many columns later the view begins
 * @property {number} from the first of them, and
 * @property {number} to the end of them, in the view of now
 * @property {number} had columns of the view before
 * @property {number} count columns of the view now
 */

/**
 * What two views share; null where they have not the same columns, or less than half of them.
 * @param {Columns} before
 * @param {Columns} now
 * @param {number} [until] ns; later columns of the view before are no longer true
 * @returns {Shift | null}
 */
export function shiftOf(before, now, until = Infinity) {
  const width = now.edges[1] - now.edges[0], by = (now.edges[0] - before.edges[0]) / width
  if (!before.even || !now.even || before.edges[1] - before.edges[0] != width || !Number.isInteger(by)) return null
  let had = before.count
  while (had > 0 && before.edges[had] > until) had--
  const from = Math.max(0, -by), to = Math.min(now.count, had - by)
  return 2 * (to - from) >= now.count ? {by, from, to, had: before.count, count: now.count} : null
}

/** The columns of the view of now that were in none before. @param {Shift} shift @returns {[number, number][]} */
export function newColumns({from, to, count}) {
  const stretches = /** @type {[number, number][]} */ ([[0, from], [to, count]])
  return stretches.filter(([begin, end]) => begin < end)
}

/**
 * Values of a view, by row, then column, from those of before, in the same memory where there are as many columns: those
 * of before are then no more. What stands in new columns means nothing.
 * @template {Values} T
 * @param {T} before
 * @param {Shift} shift
 * @returns {T}
 */
export function moved(before, {by, from, to, had, count}) {
  // In one stretch of memory the end of a row comes to lie in the new columns of the next.
  if (had == count) return /** @type {T} */ (by > 0 ? before.copyWithin(0, by) : before.copyWithin(-by, 0, before.length + by))
  const rows = before.length / had, out = /** @type {any} */ (new (/** @type {any} */ (before.constructor))(rows * count))
  for (let r = 0; r < rows; r++) out.set(before.subarray(r * had + from + by, r * had + to + by), r * count + from)
  return out
}

/**
 * Puts values of some columns in their place among all.
 * @template {Values} T
 * @param {T} some
 * @param {number} begin
 * @param {number} end
 * @param {T} all
 * @param {number} count
 */
export function putColumns(some, begin, end, all, count) {
  const n = end - begin
  for (let r = 0, at = begin; at < all.length; r++, at += count) {
    for (let c = 0; c < n; c++) all[at + c] = some[r * n + c]
  }
}
