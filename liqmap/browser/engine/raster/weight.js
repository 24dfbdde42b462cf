// The weight of an age, and its integral: of a half-life 2 ** (-a * rate) for ages a (ns) below prune; of a sum of such, whose
// shares go by class (`classes.js`); or read off a table, by class and age. As liqmap.carry has them.

/** @typedef {import("./classes.js").Classes} Classes */
/**
 * A model as Python gives it (liqmap/browser/carry.py), but for its prune, which is a choice of its own. Half-lives, ages:
 * ns, null for no decay; `shares`: by size, distance and half-life; `weights`: by distance and age.
 * @typedef {Classes & {kind: "mixture", half_lives: (number | null)[], shares: number[][][], words: string}} MixtureModel
 * @typedef {{kind: "table", ages: number[], weights: number[][], distances: number[], words: string}} TableModel
 * @typedef {MixtureModel | TableModel} Model
 *
 * @typedef {{halfLife: number | null, prune: number | null, carry?: Model | null}} Carrying a half-life, or a model
 *
 * @typedef {object} Fading what decays by one half-life
 * @property {number} rate one over the half-life, a ns; 0 without decay
 * @property {number} prune ns, Infinity for none
 *
 * @typedef {Classes & {prune: number, reach: number[]}} Reaching with the age from which each class weighs nothing
 *
 * A half-life is the mixture of one rate and one class; `shares` by class and rate, and with them `cuts`, the ages from which
 * a share is nothing beside that of its class that fades slowest: 0 of no share, Infinity of the slowest.
 * @typedef {Reaching & {kind: "mixture", rates: number[], shares: number[][], cuts: number[][]}} Mixture the fastest rate first
 * @typedef {Reaching & {kind: "table", ages: number[], weights: number[][]}} Table
 * @typedef {Mixture | Table} Carry
 */

/** Halvings after which a share is nothing beside another: 1e-10. */
const NOTHING = 33

/** @param {Carrying} chosen @returns {Carry} */
export function carryOf({halfLife, prune: chosen, carry = null}) {
  const prune = chosen ?? Infinity
  if (carry?.kind == "table") {
    const {ages, weights, distances} = carry
    const reach = weights.map(row => Math.min(row.includes(0) ? ages[row.indexOf(0)] : Infinity, prune))
    return {kind: "table", ages, weights, sizes: [], distances, prune, reach}
  }
  const {half_lives: lives, shares: given, sizes, distances} = carry ?? {...ONE_CLASS, half_lives: [halfLife]}
  const rateOf = life => life === null ? 0 : 1 / life, order = [...lives.keys()].sort((a, b) => rateOf(lives[b]) - rateOf(lives[a]))
  const rates = order.map(k => rateOf(lives[k])), shares = given.flat().map(own => order.map(k => own[k]))
  const reach = shares.map(own => own.some(share => share > 0) ? prune : 0)
  return {kind: "mixture", rates, shares, cuts: shares.map(own => cutsOf(own, rates)), sizes, distances, prune, reach}
}

const ONE_CLASS = {shares: [[[1]]], sizes: [], distances: []}

/** @param {number[]} shares @param {number[]} rates */
function cutsOf(shares, rates) {
  const slowest = shares.reduce((last, share, k) => share > 0 ? k : last, 0)
  const cut = (share, k) => (Math.log2(share / shares[slowest]) + NOTHING) / (rates[k] - rates[slowest])
  return shares.map((share, k) => share == 0 ? 0 : k == slowest ? Infinity : cut(share, k))
}

/**
 * Whether a model is one half-life, for all of every size.
 * @param {Carry} carry
 * @returns {carry is Mixture}
 */
export function isHalfLife(carry) {
  return carry.kind == "mixture" && carry.shares.length == 1 && carry.rates.length == 1 && carry.shares[0][0] == 1
}

/**
 * The weight of an age below the reach of its class.
 * @param {Carry} carry
 * @param {number} age
 * @param {number} group its class
 */
export function weightOf(carry, age, group) {
  if (carry.kind == "mixture") return carry.shares[group].reduce((sum, share, k) => sum + share * weight(age, carry.rates[k]), 0)
  const {ages, weights} = carry
  let k = 0
  while (k + 1 < ages.length && ages[k + 1] <= age) k++
  return tableAt(ages, weights[group], k, age)
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
