// The weight of an age, and its integral: of a half-life 2 ** (-a * rate) for ages a (ns) below prune; of a sum of such by
// shares; or read off a table, by age and by distance from the touch. As liqmap.carry has them.

/**
 * A model as Python gives it (liqmap/browser/carry.py), but for its prune, which is a choice of its own. Half-lives, ages:
 * ns, null for no decay; distances: edges between the rows of `weights`, basis points of the touch.
 * @typedef {{kind: "exponentials", parts: [number, number | null][], words: string}
 *   | {kind: "table", ages: number[], weights: number[][], distances: number[], words: string}} Model
 *
 * @typedef {{halfLife: number | null, prune: number | null, carry?: Model | null}} Carrying a half-life, or a model
 *
 * @typedef {object} Fading what decays by one half-life
 * @property {number} rate one over the half-life, a ns; 0 without decay
 * @property {number} prune ns, Infinity for none
 *
 * @typedef {{kind: "exponentials", parts: {share: number, rate: number}[], prune: number}} Sum
 * @typedef {{kind: "table", ages: number[], weights: number[][], distances: number[], prune: number, reach: number[]}} Table
 *   with the age from which each row weighs nothing
 * @typedef {Sum | Table} Carry
 */

/** @param {Carrying} chosen @returns {Carry} */
export function carryOf({halfLife, prune: chosen, carry = null}) {
  const prune = chosen ?? Infinity
  if (carry?.kind == "table") {
    const {ages, weights, distances} = carry
    const reach = weights.map(row => Math.min(row.includes(0) ? ages[row.indexOf(0)] : Infinity, prune))
    return {kind: "table", ages, weights, distances, prune, reach}
  }
  /** @type {[number, number | null][]} */
  const parts = carry ? carry.parts : [[1, halfLife]]
  return {kind: "exponentials", parts: parts.map(([share, life]) => ({share, rate: life === null ? 0 : 1 / life})), prune}
}

/**
 * The age from which a model weighs nothing.
 * @param {Carry} carry
 * @param {number} row of its table
 */
export function reachOf(carry, row) {
  return carry.kind == "table" ? carry.reach[row] : carry.prune
}

/**
 * The weight of an age below `reachOf`.
 * @param {Carry} carry
 * @param {number} age
 * @param {number} row of its table
 */
export function weightOf(carry, age, row) {
  if (carry.kind == "exponentials") return carry.parts.reduce((sum, {share, rate}) => sum + share * weight(age, rate), 0)
  const {ages, weights} = carry
  let k = 0
  while (k + 1 < ages.length && ages[k + 1] <= age) k++
  return tableAt(ages, weights[row], k, age)
}

/**
 * What a row of a table says at an age from its k-th on.
 * @param {number[]} ages
 * @param {number[]} weights
 * @param {number} k
 * @param {number} age
 */
export function tableAt(ages, weights, k, age) {
  if (k + 1 >= ages.length) return weights[k]
  return weights[k] + (age - ages[k]) / (ages[k + 1] - ages[k]) * (weights[k + 1] - weights[k])
}

/** @param {number} age @param {number} rate */
export function weight(age, rate) {
  return age == 0 || rate == 0 ? 1 : Math.exp(-age * rate * Math.LN2)
}

// Products, as quotients take several times as long.
const THIRD = 1 / 3
const SIXTH = 1 / 6
const SEVENTH = 1 / 7

/**
 * Integral of the weight over ages from `age` on, for `width` ns, without cancellation: where little fades, by the
 * series of (1 - exp(-x)) / x, to 1e-12.
 * @param {number} age
 * @param {number} width
 * @param {number} rate
 */
export function integral(age, width, rate) {
  const x = width * rate * Math.LN2
  let mean
  if (x > 0.1) mean = (1 - Math.exp(-x)) / x
  else {
    mean = 1 - x * 0.2 * (1 - x * SIXTH * (1 - x * SEVENTH * (1 - x * 0.125)))
    mean = 1 - x * 0.5 * (1 - x * THIRD * (1 - x * 0.25 * mean))
  }
  return weight(age, rate) * width * mean
}

/**
 * Below what any cell can say: nothing, before arithmetic with such numbers becomes slow.
 * @param {number} value
 */
export function faded(value) {
  return value < 1e-300 ? 0 : value
}
