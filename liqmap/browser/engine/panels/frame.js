// Where a panel draws: its shared axis in line with the chart's, its sizes along the other.

/** @typedef {import("../chart/plot.js").Plot} Plot */
/** @typedef {import("../shapes/decode.js").SizeAxis} SizeAxis */
/** @typedef {{left: number, top: number, right: number, bottom: number, width: number, height: number, size: number[]}} Frame */

/** Pixels around a frame on the sides that are not the chart's. */
const ROOM = {beside: 7, below: 8}

/**
 * @param {"price" | "time"} shares
 * @param {Plot} plot of the chart
 * @param {number[]} offset of the chart's corner from the panel's, pixels
 * @param {number[]} size of the panel
 * @returns {Frame}
 */
export function panelFrame(shares, plot, [dx, dy], size) {
  const isBelow = shares == "time"
  const left = isBelow ? plot.left + dx : ROOM.beside, right = isBelow ? plot.right + dx : size[0] - ROOM.beside
  const top = isBelow ? ROOM.below : plot.top + dy, bottom = isBelow ? size[1] - ROOM.below : plot.bottom + dy
  return {left, top, right, bottom, width: right - left, height: bottom - top, size}
}

/**
 * Where sizes and what is shared lie in a frame.
 * @param {"price" | "time"} shares
 * @param {Frame} frame
 * @param {Plot} plot
 * @param {number[]} offset
 * @param {{axis: SizeAxis, second: SizeAxis | null}} axes
 * @returns {import("../shapes/place.js").At & {size: (size: number) => number}}
 */
export function atOf(shares, frame, plot, [dx, dy], {axis, second}) {
  const {left, top, right, bottom} = frame, size = alongOf(shares, frame, axis)
  const places = shares == "price"
    ? {x: size, y: price => plot.y(price) + dy}
    : {x: time => plot.x(time) + dx, y: size}
  return {...places, left, top, right, bottom, shares, size, second: second ? alongOf(shares, frame, second) : undefined}
}

/** @param {"price" | "time"} shares @param {Frame} frame @param {SizeAxis} axis @returns {(size: number) => number} */
function alongOf(shares, {left, bottom, width, height}, {low, high}) {
  const share = size => high > low ? (size - low) / (high - low) : 0
  return shares == "price" ? size => left + share(size) * width : size => bottom - share(size) * height
}

/**
 * The bar of a panel that holds a price or a time; -1 where there is none.
 * @param {import("../shapes/decode.js").Told} told
 * @param {number} value
 */
export function barAt({low, high}, value) {
  return low.findIndex((from, i) => from <= value && value < high[i])
}
