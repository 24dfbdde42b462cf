// Views: as near and as far as they may be, zoomed, moved.

import {FARTHEST} from "../rules.js"

/** @typedef {import("./plot.js").Plot} Plot */
/** @typedef {import("./plot.js").View} View */

/** The least time in view, ns: not below the steps that can be told apart. */
export const NEAREST = 200

/**
 * The view that is nearest to what is asked for: within the session, of a tick at least. One that is within is kept to
 * the last digit, so that links can tell that it is the one a page opened with.
 * @param {View} asked
 * @param {View} whole
 * @param {number} tick
 * @returns {View}
 */
export function limited([begin, end, low, high], whole, tick) {
  const [first, last] = whole, height = whole[3] - whole[2]
  const length = Math.min(Math.max(end - begin, NEAREST), last - first)
  const tall = Math.min(Math.max(high - low, tick), Math.max(FARTHEST * height, height))
  if (length != end - begin || begin < first || end > last) {
    begin = Math.min(Math.max((begin + end - length) / 2, first), last - length)
    end = begin + length
  }
  if (tall != high - low) {
    const middle = (low + high) / 2
    low = middle - tall / 2
    high = middle + tall / 2
  }
  return [begin, end, low, high]
}

/**
 * So many times as long and high; what lies at (x, y) comes to lie at `to`.
 * @param {Plot} plot of the view before
 * @param {number} factorX
 * @param {number} factorY
 * @param {number[]} at
 * @returns {View}
 */
export function zoomed(plot, factorX, factorY, [x, y], to = [x, y]) {
  const [begin, end] = plot.times, [low, high] = plot.prices
  const length = (end - begin) * factorX, height = (high - low) * factorY
  const left = plot.time(x) - (to[0] - plot.left) / plot.width * length
  const top = plot.price(y) + (to[1] - plot.top) / plot.height * height
  return [left, left + length, top - height, top]
}

/**
 * What is drawn moves by so many pixels.
 * @param {Plot} plot of the view before
 * @param {number} dx
 * @param {number} dy
 * @returns {View}
 */
export function panned(plot, dx, dy) {
  const [begin, end] = plot.times, [low, high] = plot.prices
  const time = -dx / plot.width * (end - begin), price = dy / plot.height * (high - low)
  return [begin + time, end + time, low + price, high + price]
}
