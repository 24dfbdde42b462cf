// Columns of bytes -> a book: spans of each side by tick and time, windows, quotes, trades (see pack.py).
// All times become ns since `base`, the start of a UTC day, as float64: exact for a hundred days.

import {SIDES} from "../rules.js"

/**
 * Spans of a level are rows from `first[k]` to `stop[k]`, of the tick `levels[k]`.
 *
 * @typedef {object} Side
 * @property {Float64Array} levels ticks that have spans, rising
 * @property {Int32Array} first
 * @property {Int32Array} stop
 * @property {Float64Array} start
 * @property {Float64Array} seen
 * @property {Float64Array} size
 * @property {Pieces} piece what is carried, from seen to end
 * @property {Window} window
 * @property {Quote} quote
 * @property {1 | -1} outward the direction of ticks away from the other side
 *
 * @typedef {{first: Int32Array, stop: Int32Array, seen: Float64Array, end: Float64Array, size: Float64Array}} Pieces
 * @typedef {{start: Float64Array, kind: Float64Array, worst: Float64Array}} Window
 * @typedef {{start: Float64Array, tick: Float64Array}} Quote the best level from a time on
 * @typedef {{time: Float64Array, price: Float64Array, size: Float64Array, aggressor: Float64Array}} Trades
 * @typedef {object} Book
 * @property {Side[]} sides
 * @property {Trades} trades
 * @property {number} last until when it was told, ns
 * @property {number} count spans
 * @property {number} version how often something was appended
 * @property {number[]} changed ns, of each time that something was appended: what was observed before is as it was
 * @property {number} settled ns, before which what is observed has not changed since the book was decoded
 *
 * @typedef {{name: string, kind: string, count: number, bytes: number, scale?: number}} Column
 * @typedef {{base: string, origin: number, unit: number, trade_unit: number, last: number, columns: Column[]}} Header
 */

/** The end of what is carried still. */
const NEVER = Infinity

/** @param {Uint8Array} bytes @param {Column[]} header */
export function decodeColumns(bytes, header) {
  /** @type {Record<string, Float64Array>} */
  const columns = {}
  let at = 0
  for (const {name, kind, count, bytes: length, scale} of header) {
    const part = bytes.subarray(at, at + length)
    columns[name] = numbersOf(kind, part, count)
    if (kind == "decimal" || kind == "steps") for (let i = 0; i < count; i++) columns[name][i] /= scale
    at += length
  }
  return columns
}

/**
 * @param {string} kind see columns.py
 * @param {Uint8Array} part
 * @param {number} count
 */
function numbersOf(kind, part, count) {
  if (kind == "float") return new Float64Array(part.slice().buffer)
  if (kind == "single") return Float64Array.from(new Float32Array(part.slice().buffer))
  const found = decodeWhole(part, count)
  return kind == "steps" ? walked(found) : found
}

/**
 * Unsigned LEB128.
 * @param {Uint8Array} bytes
 * @param {number} count
 */
function decodeWhole(bytes, count) {
  const out = new Float64Array(count)
  for (let i = 0, at = 0; i < count; i++) {
    let byte = bytes[at++], value = byte & 127, place = 128
    while (byte > 127) {
      byte = bytes[at++]
      value += (byte & 127) * place
      place *= 128
    }
    out[i] = value
  }
  return out
}

/**
 * Running sums.
 * @param {Float64Array} steps
 * @param {number} scale
 * @param {number} offset
 */
export function accumulate(steps, scale, offset) {
  const out = new Float64Array(steps.length)
  for (let i = 0, sum = 0; i < steps.length; i++) {
    sum += steps[i]
    out[i] = offset + scale * sum
  }
  return out
}

/**
 * The inverse of zigzag, then running sums.
 * @param {Float64Array} steps
 */
function walked(steps) {
  return accumulate(steps.map(v => v % 2 ? -(v + 1) / 2 : v / 2), 1, 0)
}

/**
 * @param {Uint8Array} bytes
 * @param {Header} header
 * @returns {Book}
 */
export function decodeBook(bytes, header) {
  const {sides, trades} = decodeParts(decodeColumns(bytes, header.columns), header)
  const count = sides.reduce((n, {size}) => n + size.length, 0)
  return {sides, trades, last: header.last, count, version: 0, changed: [], settled: Infinity}
}

/**
 * Sides and trades of columns by name.
 * @param {Record<string, Float64Array>} columns
 * @param {Header} header
 */
export function decodeParts(columns, {origin, unit, trade_unit: tradeUnit}) {
  const sides = SIDES.map((side, s) => {
    const own = name => columns[`${side}.${name}`]
    return /** @type {Side} */ ({
      ...decodeSpans(own, origin, unit),
      outward: s == 0 ? -1 : 1,
      window: {
        start: accumulate(own("window.start"), unit, origin),
        kind: own("window.kind"),
        worst: walked(own("window.worst")),
      },
      quote: {start: accumulate(own("quote.start"), unit, origin), tick: walked(own("quote.tick"))},
    })
  })
  const trades = {
    time: accumulate(columns["trades.time"], tradeUnit, origin),
    price: columns["trades.price"],
    size: columns["trades.size"],
    aggressor: columns["trades.aggressor"],
  }
  return {sides, trades}
}

/**
 * Spans, and beside them the carried pieces (from seen to end), which are few.
 * @param {(name: string) => Float64Array} own
 * @param {number} origin
 * @param {number} unit
 */
function decodeSpans(own, origin, unit) {
  const levels = walked(own("levels")), counts = own("count")
  const gap = own("gap"), dwell = own("dwell"), carriedFor = own("carried"), sizes = own("size")
  const n = gap.length
  const first = new Int32Array(levels.length + 1), pieceFirst = new Int32Array(levels.length + 1)
  const start = new Float64Array(n), seen = new Float64Array(n)
  let pieces = 0
  for (let i = 0; i < n; i++) if (carriedFor[i] > 0) pieces++
  const piece = {
    first: pieceFirst,
    stop: pieceFirst.subarray(1),
    seen: new Float64Array(pieces),
    end: new Float64Array(pieces),
    size: new Float64Array(pieces),
  }
  let i = 0, k = 0
  for (let level = 0; level < levels.length; level++) {
    let clock = 0
    for (const stop = i + counts[level]; i < stop; i++) {
      clock += gap[i]
      start[i] = origin + unit * clock
      clock += dwell[i]
      seen[i] = origin + unit * clock
      if (carriedFor[i] > 0) {
        piece.seen[k] = seen[i]
        clock += carriedFor[i] - 1
        piece.end[k] = carriedFor[i] == 1 ? NEVER : origin + unit * clock
        piece.size[k++] = sizes[i]
      }
    }
    first[level + 1] = i
    pieceFirst[level + 1] = k
  }
  return {levels, first, stop: first.subarray(1), start, seen, size: sizes, piece}
}
