// A view that follows the newest message, and the price: where it lies, and what of a hand's moves ends that.

/** @typedef {import("../chart/plot.js").View} View */

/** Of what is in view, so much is left free after the newest message. */
const ROOM = 0.04

/** A mid in the lowest or highest part of the view, so large, is brought back to the middle. */
const BORDER = 0.2

/** Who moves a view back by less than this part of it goes on following. */
const SLACK = 0.01

/**
 * Times of a view that follows: whole pixels on, so that cells do not change their shape as they move.
 * @param {number} edge ns
 * @param {number} length ns
 * @param {number} pixels
 * @returns {[number, number]}
 */
export function timesAt(edge, length, pixels) {
  const pixel = length / Math.max(pixels, 1), end = Math.ceil((edge + ROOM * length) / pixel) * pixel
  return [end - length, end]
}

/**
 * The farthest view while a session grows: to the edge and the room after it, and as long as a view at first.
 * @param {View} whole
 * @param {number} edge
 * @param {{length: number, home: number}} lengths of the view now, and at first, ns
 * @returns {View}
 */
export function wholeAt([begin, , low, high], edge, {length, home}) {
  return [Math.min(begin, edge - home), edge + 2 * ROOM * Math.max(length, home), low, high]
}

/**
 * Prices with the mid in their middle, if it has left the middle part; the same where it has not, or there is none.
 * @param {[number, number]} prices
 * @param {number} mid
 * @param {number} tick
 * @returns {[number, number]}
 */
export function pricesAt([low, high], mid, tick) {
  const border = BORDER * (high - low)
  if (!(mid < low + border || mid > high - border)) return [low, high]
  const moved = Math.round((mid - (low + high) / 2) / tick) * tick
  return [low + moved, high + moved]
}

/**
 * On the way from one pair of prices to another: slow at both ends.
 * @param {[number, number]} from
 * @param {[number, number]} to
 * @param {number} share of the way, 0 to 1
 * @returns {[number, number]}
 */
export function glided(from, to, share) {
  const s = Math.min(Math.max(share, 0), 1), eased = s * s * (3 - 2 * s)
  return [from[0] + (to[0] - from[0]) * eased, from[1] + (to[1] - from[1]) * eased]
}

/**
 * What a hand has done to a view that follows: it goes on following, perhaps of another length, or it does not; and
 * whether the hand has chosen the prices.
 * @param {View} before
 * @param {View} now
 * @param {boolean} isBox whether a part has been chosen by a box
 * @returns {{follows: boolean, length: number, prices: "as before" | "as high" | "chosen"}}
 */
export function afterHand(before, now, isBox) {
  const [length, was] = [now[1] - now[0], before[1] - before[0]], tall = now[3] - now[2], wasTall = before[3] - before[2]
  const isAsLong = Math.abs(length - was) < 1e-6 * was, isAsTall = Math.abs(tall - wasTall) < 1e-6 * wasTall
  const prices = !isAsTall ? "as high" : now[2] == before[2] ? "as before" : "chosen"
  const follows = isAsLong || isBox ? now[1] >= before[1] - SLACK * was : true
  return {follows, length, prices}
}

/**
 * Whether a view that does not follow has been brought to where it would.
 * @param {View} view
 * @param {number} edge
 */
export function isAtEdge([begin, end], edge) {
  return begin < edge && end >= edge + (ROOM - SLACK) * (end - begin)
}
