// Which side of a cell shows, and what share of what is drawn is carried (see liqmap.render.frames.front).

import {CARRIED, OBSERVED} from "../rules.js"
import {shadeAt, shadesOf} from "./shades.js"

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
  const {cells, ticks} = frame, [bids, asks] = cells, sums = new Float64Array(3)
  const [ofBids, ofAsks] = cells.map((side, s) => shadesIn(side, choice.shown[s], shadesOf(scale, ticks, choice.minSize), choice))
  for (let at = 0; at < bids.state.length; at++) {
    const b = bids.liquidity[at] > 0 ? ofBids(at) : 0, a = asks.liquidity[at] > 0 ? ofAsks(at) : 0
    if (a == 0 && b == 0) continue
    // What is hardly lit may lie at the very end of the scale, where it does not show.
    const s = a == 0 && b > 1 ? 0 : b == 0 && a > 1 ? 1 : frontAt(frame, at, scale, choice)
    if (s >= 0) sums[cells[s].state[at]] += Math.fround(cells[s].liquidity[at] / ticks)
  }
  return sums[CARRIED] > 0 ? sums[CARRIED] / (sums[OBSERVED] + sums[CARRIED]) : 0
}

/**
 * What gives one more than the shade of a cell of a side, 0 where it does not show.
 * @param {{liquidity: Float32Array, state: Uint8Array}} side
 * @param {boolean} shown
 * @param {import("./shades.js").Shades} shades
 * @param {Shown} choice
 */
function shadesIn({liquidity, state}, shown, shades, {carried, carriedShown}) {
  const bits = new Int32Array(liquidity.buffer), hidden = carriedShown == "hide" || carried == 0
  /** @param {number} at */
  return at => {
    if (!shown || (state[at] != OBSERVED && (hidden || state[at] != CARRIED))) return 0
    return shadeAt(shades, bits[at], liquidity[at])
  }
}
