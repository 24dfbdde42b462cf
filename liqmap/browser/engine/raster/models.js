// Carried pieces under any model of `weight.js`. What a sum of exponentials adds up to in a cell is the sum of what its
// parts do, each by the shortcuts of one half-life. The largest of a cell under several, and what a table says, are
// worked out for each piece in each column that it touches.

import {firstAfter} from "../book/search.js"
import {columnOf} from "./columns.js"
import {rowOf} from "./distance.js"
import {fromPieces} from "./pieces.js"
import {fromSettled} from "./settled.js"
import {tableAt, weight} from "./weight.js"

/** @typedef {import("./columns.js").Columns} Columns */
/** @typedef {import("./pieces.js").Adding} Adding */
/** @typedef {import("./observed.js").Aggregate} Aggregate */

/**
 * What a piece weighs as it grows older.
 * @typedef {object} Weigher
 * @property {(level: number, i: number) => number} begin with the piece `i` of a level; gives the age that it is gone at
 * @property {(age: number) => number} at an age, none below the one before
 * @property {(young: number, old: number) => number} over the integral between two ages, from no younger one than before
 */

/**
 * Whether a sum over the parts of a model will do.
 * @param {import("./weight.js").Carry} carrying
 * @param {Aggregate} agg
 * @returns {carrying is import("./weight.js").Sum}
 */
export function isByParts(carrying, agg) {
  return carrying.kind == "exponentials" && (agg != "peak" || carrying.parts.length == 1)
}

/**
 * @param {import("./distance.js").Quoted} side
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {import("./weight.js").Carry} carrying
 * @param {import("./settled.js").Settled | undefined} settled what is of the frame, if it is
 * @returns {Adding}
 */
export function addingOf(side, agg, columns, carrying, settled) {
  if (!isByParts(carrying, agg)) return fromWeigher(side.piece, agg, columns, weigherOf(side, carrying))
  const {parts, prune} = carrying
  const adds = parts.map(({share, rate}) => {
    const fading = {rate, prune}
    return {share, add: settled ? fromSettled(settled, agg, columns, fading) : fromPieces(side, agg, columns, fading)}
  })
  if (adds.length == 1 && adds[0].share == 1) return adds[0].add
  const own = new Float64Array(columns.count)
  return (r, begin, end, partial, carried) => {
    for (const {share, add} of adds) {
      add(r, begin, end, own, carried)
      for (let c = 0; c < own.length; c++) partial[c] += share * own[c]
      own.fill(0)
    }
  }
}

/**
 * @param {import("../book/decode.js").Pieces} piece
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {Weigher} weigher
 * @returns {Adding}
 */
function fromWeigher({first, stop: stops, seen, end, size}, agg, columns, weigher) {
  const {edges, count} = columns, left = edges[0], right = edges[count], last = agg == "last" ? 1 : 0, peak = agg == "peak"
  return (_, begin, stop, partial, carried) => {
    for (let level = begin; level < stop; level++) {
      const from = firstAfter(end, first[level], stops[level], left)
      for (let i = from; i < stops[level] && seen[i] < right; i++) {
        const s = seen[i], a = Math.max(s, left), b = Math.min(end[i], s + weigher.begin(level, i), right)
        if (!(a < b)) continue
        for (let j = columnOf(a, columns); j < count && (last ? edges[j + 1] <= b : edges[j] < b); j++) {
          carried[j] = 1
          if (agg == "mean") partial[j] += size[i] * weigher.over(Math.max(edges[j] - s, 0), Math.min(edges[j + 1], b) - s)
          else {
            const value = size[i] * weigher.at(Math.max(edges[j + last] - s, 0))
            if (!peak) partial[j] += value
            else if (value > partial[j]) partial[j] = value
          }
        }
      }
    }
  }
}

/**
 * @param {import("./distance.js").Quoted} side
 * @param {import("./weight.js").Carry} carrying
 * @returns {Weigher}
 */
function weigherOf(side, carrying) {
  return carrying.kind == "table" ? tableOf(side, carrying) : sumOf(carrying)
}

/** @param {import("./weight.js").Sum} carrying @returns {Weigher} */
function sumOf({parts, prune}) {
  return {
    begin: () => prune,
    at: age => {
      let sum = 0
      for (let k = 0; k < parts.length; k++) sum += parts[k].share * weight(age, parts[k].rate)
      return sum
    },
    over: () => NaN,  // a mean goes by parts
  }
}

/**
 * @param {import("./distance.js").Quoted} side
 * @param {import("./weight.js").Table} carrying
 * @returns {Weigher}
 */
function tableOf(side, {ages, weights, distances, reach}) {
  let row = weights[0], k = 0
  const at = age => {
    while (k + 1 < ages.length && ages[k + 1] <= age) k++
    return tableAt(ages, row, k, age)
  }
  return {
    begin: (level, i) => {
      const n = rowOf(side, level, i, distances)
      row = weights[n]
      k = 0
      return reach[n]
    },
    at,
    // Trapezes between the ages of the table: a sum of what is positive alone.
    over: (young, old) => {
      let sum = 0
      for (let a = young, from = at(a); a < old;) {
        const b = k + 1 < ages.length ? Math.min(ages[k + 1], old) : old, to = at(b)
        sum += 0.5 * (from + to) * (b - a)
        a = b
        from = to
      }
      return sum
    },
  }
}
