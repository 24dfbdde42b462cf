// Carried pieces under any model of `weight.js`: under a half-life or a mixture from what is kept of a frame, by their
// shortcuts. What a table says, and a mixture on edges of any width, is worked out for each piece in each column that it
// touches.

import {firstAfter} from "../book/search.js"
import {classOf} from "./classes.js"
import {columnOf} from "./columns.js"
import {fromMixed} from "./mixed.js"
import {fromPieces} from "./pieces.js"
import {fromSettled} from "./settled.js"
import {integral, isHalfLife, tableAt, weightOf} from "./weight.js"

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

/** @typedef {{settled?: import("./settled.js").Settled, mixed?: import("./mixed.js").Mixed}} Kept of a side of a frame */

/**
 * @param {import("./classes.js").Quoted} side
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {import("./weight.js").Carry} carrying
 * @param {Kept} kept
 * @returns {Adding}
 */
export function addingOf(side, agg, columns, carrying, {settled, mixed}) {
  if (isHalfLife(carrying)) {
    const fading = {rate: carrying.rates[0], prune: carrying.prune}
    return settled ? fromSettled(settled, agg, columns, fading) : fromPieces(side, agg, columns, fading)
  }
  if (carrying.kind == "mixture" && mixed) return fromMixed(mixed, agg, columns, carrying)
  return fromWeigher(side.piece, agg, columns, weigherOf(side, carrying))
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
 * @param {import("./classes.js").Quoted} side
 * @param {import("./weight.js").Carry} carrying
 * @returns {Weigher}
 */
function weigherOf(side, carrying) {
  return carrying.kind == "table" ? tableOf(side, carrying) : mixtureOf(side, carrying)
}

/** @param {import("./classes.js").Quoted} side @param {import("./weight.js").Mixture} carrying @returns {Weigher} */
function mixtureOf(side, carrying) {
  const {rates, shares, reach} = carrying
  let group = 0
  return {
    begin: (level, i) => {
      group = classOf(side, level, i, carrying)
      return reach[group]
    },
    at: age => weightOf(carrying, age, group),
    over: (young, old) => {
      let sum = 0
      for (let k = 0; k < rates.length; k++) sum += shares[group][k] * integral(young, old - young, rates[k])
      return sum
    },
  }
}

/**
 * @param {import("./classes.js").Quoted} side
 * @param {import("./weight.js").Table} carrying
 * @returns {Weigher}
 */
function tableOf(side, carrying) {
  const {ages, weights, reach} = carrying
  let row = weights[0], k = 0
  const at = age => {
    while (k + 1 < ages.length && ages[k + 1] <= age) k++
    return tableAt(ages, row, k, age)
  }
  return {
    begin: (level, i) => {
      const n = classOf(side, level, i, carrying)
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
