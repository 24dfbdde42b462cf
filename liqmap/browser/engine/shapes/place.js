// Where items of shapes lie, in pixels: as they are drawn, and as they are hit.

/**
 * Where shapes come to lie: pixels of the page for times, prices and sizes. A `Plot` of a chart is one.
 * @typedef {object} At
 * @property {(x: number) => number} x
 * @property {(y: number) => number} y
 * @property {(size: number) => number} [second] of a panel's second axis
 * @property {"price" | "time"} [shares] the axis that a panel shares with its chart: sizes run along the other
 * @property {number} left of what can be seen
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 */

/** Bars of a panel that are as thick as so many pixels are told apart by a gap of one. */
const THICK = 6

/**
 * The edges of a box, on whole pixels of the screen so that neighbours meet without a seam, and at least about a pixel of
 * the page thick; null where there is nothing to see: elsewhere, unknown, or of no size in a panel.
 * @param {import("./decode.js").BoxesShape} boxes
 * @param {number} i
 * @param {At} at
 * @param {number} [ratio] pixels of the screen in one of the page
 * @returns {[number, number, number, number] | null} left, top, right, bottom
 */
export function boxAt({x0, y0, x1, y1}, i, at, ratio = 1) {
  if (at.shares && (at.shares == "price" ? x0[i] == x1[i] : y0[i] == y1[i])) return null
  const across = edges(at.x(x0[i]), at.x(x1[i]), at.left, at.right, ratio)
  const down = across && edges(at.y(y0[i]), at.y(y1[i]), at.top, at.bottom, ratio)
  if (!down) return null
  /** @param {number[]} ends @param {string} along */
  const parted = ([from, to], along) => at.shares == along && to - from >= THICK ? to - pixelOf(ratio) : to
  return [across[0], down[0], parted(across, "time"), parted(down, "price")]
}

/** About a pixel of the page, in whole ones of the screen. */
function pixelOf(ratio) {
  return Math.max(Math.round(ratio), 1) / ratio
}

/** From the lesser to the larger; a little more than what can be seen of it at most. */
function edges(one, other, least, most, ratio) {
  const low = Math.min(one, other), high = Math.max(one, other)
  if (!(high >= least - 1 && low <= most + 1)) return null
  const from = Math.round(Math.max(low, least - 64) * ratio) / ratio, to = Math.round(Math.min(high, most + 64) * ratio) / ratio
  const thick = pixelOf(ratio)
  if (to - from >= thick) return [from, to]
  const start = Math.round(((low + high - thick) / 2) * ratio) / ratio
  return [start, start + thick]
}

/**
 * The middle of a disc and its radius; null where it cannot be seen.
 * @param {import("./decode.js").DiscsShape} discs
 * @param {number} i
 * @param {At} at
 * @returns {[number, number, number] | null}
 */
export function discAt({x, y, radius, width}, i, at) {
  const right = at.x(x[i]), down = at.y(y[i]), reach = radius[i] + width
  const isSeen = right + reach >= at.left && right - reach <= at.right && down + reach >= at.top && down - reach <= at.bottom
  return isSeen && radius[i] > 0 ? [right, down, radius[i]] : null
}
