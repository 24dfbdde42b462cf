// The weight of an age, w(a) = 2 ** (-a * rate) for ages a (ns) below prune, and its integral.

/**
 * @typedef {object} Carry
 * @property {number} rate one over the half-life, a ns; 0 without decay
 * @property {number} prune ns, Infinity for none
 */

/**
 * @param {number | null} halfLife ns; null carries without decay
 * @param {number | null} prune ns; null for none
 * @returns {Carry}
 */
export function carryOf(halfLife, prune) {
  return {rate: halfLife === null ? 0 : 1 / halfLife, prune: prune === null ? Infinity : prune}
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
