// Colours of what may no longer be there: they lose their tone, and step back, as liqmap.render.frames.there has it.

import {rint} from "../numbers.js"
import {THERE} from "../rules.js"

/** @typedef {import("./ramp.js").Colours} Colours */

/** @type {WeakMap<Colours, Uint32Array>} */
const MADE = new WeakMap()

/**
 * The colours of places by presence: 0 unknown, 1 known to be empty, then the shades of bids that are surely gone, of those
 * more likely there, up to surely there, and those of asks, one after the other.
 * @param {Colours} colours
 */
export function coloursOfThere(colours) {
  const made = MADE.get(colours)
  if (made) return made
  const {sides, background, empty} = colours, {levels} = THERE, shades = sides[0].length
  const table = new Uint32Array(2 + 2 * levels * shades)
  table[1] = empty
  for (const s of [0, 1]) {
    for (let level = 0; level < levels; level++) {
      const from = 2 + (s * levels + level) * shades
      for (let k = 0; k < shades; k++) table[from + k] = greyed(sides[s][k], level / (levels - 1), background)
    }
  }
  MADE.set(colours, table)
  return table
}

/**
 * A colour of what is there with a probability.
 * @param {number} colour RGBA, red lowest
 * @param {number} share
 * @param {number} background
 */
function greyed(colour, share, background) {
  const {gone, luma} = THERE, strength = gone + (1 - gone) * share
  const channels = [0, 8, 16].map(shift => colour >>> shift & 255)
  const grey = channels.reduce((sum, value, k) => sum + luma[k] * value, 0)
  let out = colour & 0xff000000
  for (let k = 0; k < 3; k++) {
    const ground = background >>> 8 * k & 255, value = grey + share * (channels[k] - grey)
    out |= rint(ground + strength * (value - ground)) << 8 * k
  }
  return out >>> 0
}
