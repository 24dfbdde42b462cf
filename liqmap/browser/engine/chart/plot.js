// Where a view lies on the chart: pixels of times and prices, and back.

/**
 * @typedef {[number, number, number, number]} View begin and end, ns; lowest and highest price
 *
 * @typedef {object} Plot
 * @property {number[]} size of the whole chart, pixels of the page
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 * @property {number} right
 * @property {number} bottom
 * @property {number[]} times
 * @property {number[]} prices
 * @property {(time: number) => number} x
 * @property {(price: number) => number} y
 * @property {(x: number) => number} time
 * @property {(y: number) => number} price
 */

/** Around the plot, pixels. */
export const EDGE = {left: 4, top: 6, right: 92, bottom: 46}

export const FONT = '12.5px "Inter", "Segoe UI", "Helvetica Neue", Arial, sans-serif'

/**
 * @param {View} view
 * @param {number[]} size of the chart, pixels of the page
 * @returns {Plot}
 */
export function plotOf([begin, end, low, high], size) {
  const left = EDGE.left, top = EDGE.top
  const width = Math.max(size[0] - EDGE.left - EDGE.right, 1), height = Math.max(size[1] - EDGE.top - EDGE.bottom, 1)
  return {
    size, left, top, width, height, right: left + width, bottom: top + height,
    times: [begin, end], prices: [low, high],
    x: time => left + (time - begin) / (end - begin) * width,
    y: price => top + (high - price) / (high - low) * height,
    time: x => begin + (x - left) / width * (end - begin),
    price: y => high - (y - top) / height * (high - low),
  }
}

/**
 * Whether a point lies within the axes.
 * @param {Plot} plot
 * @param {number[]} at
 */
export function isInside({left, top, right, bottom}, [x, y]) {
  return x >= left && x <= right && y >= top && y <= bottom
}
