// Which side of a cell shows, and what share of what is drawn is carried (see liqmap.render.frames.front).

import {CARRIED, OBSERVED} from "../rules.js"

/**
 * @typedef {object} Shown what decides which side shows
 * @property {boolean[]} shown bids, asks
 * @property {number} carried strength, 0 to 1
 * @property {string} carriedShown
 * @property {number} minSize
 *
 * @typedef {import("../raster/frame.js").Frame} Frame
 * @typedef {import("./scale.js").Scale} Scale
 */

/**
 * 0 or 1; -1 where neither is lit.
 * @param {Frame} frame
 * @param {number} at the cell
 * @param {Scale} scale
 * @param {Shown} choice
 */
export function frontAt({cells, ticks}, at, scale, {shown, carried, carriedShown, minSize}) {
  let best = 0, front = -1
  for (const s of [0, 1]) {
    const state = cells[s].state[at], size = Math.fround(cells[s].liquidity[at] / ticks)
    const weight = state == OBSERVED ? 1 : state != CARRIED || carriedShown == "hide" ? 0 : carried
    if (!shown[s] || !(size > scale.low) || size < Math.fround(minSize)) continue
    const strong = scale.place(size) * weight
    if (strong > best) [best, front] = [strong, s]
  }
  return front
}

/**
 * @param {Frame} frame
 * @param {Scale} scale
 * @param {Shown} choice
 */
export function shareOf(frame, scale, choice) {
  const {cells, ticks} = frame, sums = new Float64Array(3)
  for (let at = 0; at < cells[0].state.length; at++) {
    if (!(cells[0].liquidity[at] > 0 || cells[1].liquidity[at] > 0)) continue
    const s = frontAt(frame, at, scale, choice)
    if (s >= 0) sums[cells[s].state[at]] += Math.fround(cells[s].liquidity[at] / ticks)
  }
  return sums[CARRIED] > 0 ? sums[CARRIED] / (sums[OBSERVED] + sums[CARRIED]) : 0
}
