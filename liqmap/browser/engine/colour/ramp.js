// Colours: the shades of both sides, observed and carried, as the pixels have them.

import {between, rint} from "../numbers.js"
import {SCALE} from "../rules.js"

/**
 * Red, green and blue at places on the scale, between which they run straight.
 * @typedef {{at: number[], rgb: number[][]}} Stops
 *
 * @typedef {object} ThemeTables a theme, as liqmap.browser.themes gives it
 * @property {number} background
 * @property {number} empty
 * @property {boolean} light
 * @property {Record<string, string>} css
 * @property {Record<string, {sides: Stops[], tones: Stops[], bars: string[]}>} palettes
 *
 * @typedef {{sides: Uint32Array[], carried: Uint32Array[], empty: number, background: number}} Colours RGBA by shade, red
 *   lowest
 */

const SHADES = SCALE.shades

/**
 * The colours that pixels take.
 * @param {ThemeTables} theme
 * @param {{palette: string, carriedShown: string, carried: number, opacity: number}} choice
 * @returns {Colours}
 */
export function coloursOf({background, empty, palettes}, {palette, carriedShown, carried, opacity}) {
  const alpha = rint(255 * opacity), {sides, tones} = palettes[palette], lit = sides.map(stops => rampOf(stops, alpha))
  const weaker = carriedShown == "outline" ? tones.map(stops => rampOf(stops, alpha))
    : lit.map(side => faint(side, background, carried))
  return {sides: lit, carried: weaker, empty: (empty & 0xffffff | alpha << 24) >>> 0, background}
}

/**
 * The same bytes as signed numbers: in loops, those of an opaque colour would else be beyond V8's small whole numbers,
 * for which its quick code is given up, and made, again and again.
 * @param {Uint32Array} colours
 */
export function signed({buffer, byteOffset, length}) {
  return new Int32Array(buffer, byteOffset, length)
}

/** @param {Stops} stops @param {number} alpha 0 to 255 */
function rampOf({at, rgb}, alpha) {
  const colours = new Uint32Array(SHADES)
  for (let k = 0; k < SHADES; k++) {
    const place = k == SHADES - 1 ? 1 : k * (1 / (SHADES - 1))
    const [r, g, b] = rgb.map(channel => rint(between(place, at, channel)))
    colours[k] = r | g << 8 | b << 16 | alpha << 24
  }
  return colours
}

/**
 * Colours of carried liquidity: so far from the background, of what observed ones are.
 * @param {Uint32Array} colours
 * @param {number} background
 * @param {number} strength
 */
function faint(colours, background, strength) {
  return colours.map(colour => {
    let out = colour & 0xff000000
    for (const shift of [0, 8, 16]) {
      const from = background >>> shift & 255, to = colour >>> shift & 255
      out |= rint(from + strength * (to - from)) << shift
    }
    return out >>> 0
  })
}
