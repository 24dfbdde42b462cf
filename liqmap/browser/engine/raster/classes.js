// The class of a carried piece, of which models weigh some otherwise than others: by its size, and by how far from the touch
// its level was when the book last confirmed it. As liqmap.carry has them.

import {firstAfter, firstFrom} from "../book/search.js"
import {NO_QUOTE} from "../rules.js"

/** @typedef {Pick<import("../book/decode.js").Side, "levels" | "piece" | "quote">} Quoted */
/**
 * Edges between the classes, rising; the last class of distance is also for levels without a touch.
 * @typedef {object} Classes
 * @property {number[]} sizes base units
 * @property {number[]} distances basis points of the touch
 */

/** Of a side as its book was at a version, the classes found so far. @typedef {{key: string, group: Int32Array}} Found */

/** @type {WeakMap<Quoted, Found>} */
const FOUND = new WeakMap()
const UNKNOWN = -1

/**
 * The class of a size and a distance (NaN without a touch): by size, then distance.
 * @param {Classes} classes
 * @param {number} size
 * @param {number} distance
 */
export function classAt({sizes, distances}, size, distance) {
  const far = isNaN(distance) ? distances.length : firstAfter(distances, 0, distances.length, distance)
  return firstAfter(sizes, 0, sizes.length, size) * (distances.length + 1) + far
}

/**
 * The class of the piece `i` of a level.
 * @param {Quoted} side
 * @param {number} level
 * @param {number} i
 * @param {Classes} classes
 */
export function classOf(side, level, i, classes) {
  return classAt(classes, side.piece.size[i], classes.distances.length ? distanceOf(side, level, i) : NaN)
}

/**
 * The same for many pieces: each is looked up once, until another model asks or the book grows.
 * @param {Quoted} side
 * @param {Classes} classes
 * @param {number} version of the book
 * @returns {(level: number, i: number) => number}
 */
export function classesOf(side, classes, version) {
  const {sizes, distances} = classes
  if (!sizes.length && !distances.length) return () => 0
  const key = JSON.stringify([sizes, distances, version])
  if (FOUND.get(side)?.key != key) FOUND.set(side, {key, group: new Int32Array(side.piece.seen.length).fill(UNKNOWN)})
  const {group} = FOUND.get(side)
  return (level, i) => group[i] == UNKNOWN ? group[i] = classOf(side, level, i, classes) : group[i]
}

/**
 * How far (bps) a piece was from the touch that stood until it was last seen; NaN without a touch.
 * @param {Quoted} side
 * @param {number} level
 * @param {number} i
 */
function distanceOf({levels, piece, quote}, level, i) {
  const at = firstFrom(quote.start, piece.seen[i]) - 1, best = at < 0 ? NO_QUOTE : quote.tick[at]
  return best == NO_QUOTE || best == 0 ? NaN : Math.abs(levels[level] - best) / Math.abs(best) * 1e4
}
