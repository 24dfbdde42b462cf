// What has come since a book was told last -> the book, grown in place (see liqmap/browser/append.py).

import {SIDES} from "../rules.js"
import {decodeColumns, decodeParts} from "./decode.js"
import {LevelRows, extended} from "./room.js"
import {firstFrom} from "./search.js"

/**
 * @typedef {import("./decode.js").Book} Book
 * @typedef {import("./decode.js").Side} Side
 * @typedef {import("./decode.js").Header & {since: number, spans: [number, number], kept: Record<string, number>}} Header
 *   `since`: until when the book was told before, ns; `spans`: how many it had and has; `kept`: how many steps and trades stay
 *
 * What the marks of a chart are told: steps and trades after those that stay.
 * @typedef {{kept: number, start: Float64Array, tick: Float64Array}} QuoteCome
 * @typedef {{touch: QuoteCome[], trades: import("./decode.js").Trades & {kept: number}, last: number}} Come
 */

/**
 * @param {Book} book
 * @param {Uint8Array} bytes
 * @param {Header} header
 * @returns {Come} what else is to be appended
 */
export function appendToBook(book, bytes, header) {
  if (header.since != book.last || header.spans[0] != book.count) {
    throw new Error(`append: expected what has come after ${book.last} ns to ${book.count} spans, got what has come `
      + `after ${header.since} ns to ${header.spans[0]} spans`)
  }
  const columns = decodeColumns(bytes, header.columns), {sides, trades} = decodeParts(columns, header), {kept} = header
  let since = header.since
  const touch = SIDES.map((name, s) => {
    const side = book.sides[s], {window, quote} = sides[s], own = what => columns[`${name}.${what}`]
    const changed = growSpans(side, sides[s], own("kept"), own("kept.carried"), header)
    const steps = kept[`${name}.window`]
    since = Math.min(since, changed, side.window.start[steps] ?? Infinity)
    for (const column of /** @type {const} */ (["start", "kind", "worst"])) {
      side.window[column] = extended(side.window[column], steps, window[column])
    }
    const come = {kept: kept[`${name}.quote`], ...quote}
    side.quote = quoteWith(side.quote, come)
    return come
  })
  const come = {kept: kept.trades, ...trades}
  book.trades = tradesWith(book.trades, come)
  book.last = header.last
  book.count = header.spans[1]
  book.settled = Math.min(book.settled, since)
  book.changed[book.version++] = since
  return {touch, trades: come, last: book.last}
}

/** @param {import("./decode.js").Quote} quote @param {QuoteCome} come @returns {import("./decode.js").Quote} */
export function quoteWith(quote, {kept, start, tick}) {
  return {start: extended(quote.start, kept, start), tick: extended(quote.tick, kept, tick)}
}

/** @param {import("./decode.js").Trades} trades @param {Come["trades"]} come @returns {import("./decode.js").Trades} */
export function tradesWith(trades, {kept, ...come}) {
  const [time, price, size, aggressor] = /** @type {const} */ (["time", "price", "size", "aggressor"])
    .map(column => extended(trades[column], kept, come[column]))
  return {time, price, size, aggressor}
}

/**
 * Spans of a side; gives the time from which it has changed.
 * @param {Side} side
 * @param {Side} come of the levels that have changed in more than that they rest on
 * @param {Float64Array} kept spans of each that stay
 * @param {Float64Array} carried of these, how many are carried
 * @param {Header} header
 */
function growSpans(side, come, kept, carried, {since, last}) {
  const spans = new LevelRows(side, ["start", "seen", "size"]), pieces = new LevelRows(side.piece, ["seen", "end", "size"])
  restOn(side, since, last)
  const places = addLevels(side, come.levels, [spans, pieces])
  let changed = since
  for (let n = 0; n < places.length; n++) {
    const k = places[n]
    changed = Math.min(changed, changedFrom(side, side.first[k] + kept[n], side.stop[k], come, come.first[n], come.stop[n]))
    spans.replace(k, kept[n], come, come.first[n], come.stop[n])
    pieces.replace(k, carried[n], come.piece, come.piece.first[n], come.piece.stop[n])
  }
  return changed
}

/**
 * The time from which what a level showed differs, where others take the place of its rows from `at` to `stop`.
 * @param {Side} side
 * @param {number} at
 * @param {number} stop
 * @param {Side} come
 * @param {number} begin
 * @param {number} end
 */
function changedFrom(side, at, stop, come, begin, end) {
  const isSame = name => side[name][at] == come[name][begin]
  for (; at < stop && begin < end && isSame("start") && isSame("seen") && isSame("size"); at++) begin++
  const before = at < stop ? side.start[at] : Infinity, now = begin < end ? come.start[begin] : Infinity
  if (before != now || before == Infinity || !isSame("size")) return Math.min(before, now)
  return Math.min(side.seen[at], come.seen[begin])
}

/** What the book still showed when it was told last is taken to rest on. */
function restOn({seen, stop, piece}, since, last) {
  for (let k = 0; k < stop.length; k++) {
    const at = piece.stop[k] - 1
    if (at < piece.first[k] || piece.end[at] != Infinity || piece.seen[at] != since) continue
    seen[stop[k] - 1] = piece.seen[at] = last
  }
}

/**
 * The places of ticks among the levels of a side; what has none gets one, without a row.
 * @param {Side} side
 * @param {Float64Array} ticks rising
 * @param {LevelRows[]} tables
 */
function addLevels(side, ticks, tables) {
  const fresh = ticks.filter(tick => side.levels[firstFrom(side.levels, tick)] !== tick)
  if (fresh.length) {
    const before = side.levels, levels = new Float64Array(before.length + fresh.length)
    const from = new Int32Array(levels.length)
    for (let a = 0, b = 0, k = 0; k < levels.length; k++) {
      const old = b == fresh.length || (a < before.length && before[a] < fresh[b])
      from[k] = old ? a : -1
      levels[k] = old ? before[a++] : fresh[b++]
    }
    side.levels = levels
    for (const table of tables) table.spread(from)
  }
  return Int32Array.from(ticks, tick => firstFrom(side.levels, tick))
}
