// Every trade of a view as a speck, as liqmap.render.marks.specks has it: volume a pixel in the colour of the aggressor who
// traded more, opacity by its log.

import {rint} from "../numbers.js"
import {SPECKS} from "../rules.js"

/** @typedef {import("../chart/plot.js").Plot} Plot */
/** @typedef {import("../book/decode.js").Trades} Trades */

const BUY = 1
const SELL = 2

/** Draws specks; keeps what it sums them in, and where it drew them last. */
export class Specks {
  /** Begin and end, lowest and highest price of those drawn last; null where there are none. @type {number[] | null} */
  #bounds = null

  constructor() {
    this.canvas = document.createElement("canvas")
    this.volume = this.signed = new Float64Array(0)
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {Trades} trades
   * @param {Int32Array} shown
   * @param {Plot} plot
   * @param {number} tick
   * @param {Record<string, string>} colours
   */
  draw(ctx, trades, shown, plot, tick, colours) {
    this.#bounds = shown.length ? [...plot.times, ...plot.prices] : null
    if (!shown.length) return
    const wide = Math.ceil(plot.width), tall = Math.ceil(plot.height)
    const lit = this.sum(trades, shown, plot, tick, wide, tall), {volume, signed, canvas} = this
    const image = new ImageData(wide, tall), words = new Uint32Array(image.data.buffer)
    const alphas = opacities(Float64Array.from(lit, k => volume[k]))
    const [none, buy, sell] = ["unsigned", "buy", "sell"].map(name => wordOf(colours[name]))
    lit.forEach((k, n) => {
      words[k] = ((signed[k] > 0 ? buy : signed[k] < 0 ? sell : none) | alphas[n] << 24) >>> 0
      volume[k] = signed[k] = 0
    })
    canvas.width = wide
    canvas.height = tall
    canvas.getContext("2d").putImageData(image, 0, 0)
    ctx.imageSmoothingEnabled = false
    ctx.drawImage(canvas, plot.left, plot.top)
  }

  /**
   * Those drawn last, moved and stretched to where they lie in another view.
   * @param {CanvasRenderingContext2D} ctx
   * @param {Plot} plot
   */
  drawAgain(ctx, plot) {
    if (!this.#bounds) return
    const [begin, end, low, high] = this.#bounds, left = plot.x(begin), top = plot.y(high)
    ctx.imageSmoothingEnabled = false
    ctx.drawImage(this.canvas, left, top, plot.x(end) - left, plot.y(low) - top)
  }

  /**
   * Sums `volume` and `signed` of the trades in each pixel; gives the pixels that have any.
   * @param {Trades} trades
   * @param {Int32Array} shown
   * @param {Plot} plot
   * @param {number} tick
   * @param {number} wide
   * @param {number} tall
   */
  sum({time, price, size, aggressor}, shown, plot, tick, wide, tall) {
    if (this.volume.length < wide * tall) {
      this.volume = new Float64Array(wide * tall)
      this.signed = new Float64Array(wide * tall)
    }
    const lit = [], {volume, signed} = this, {times: [begin, end], prices: [low, high], width, height} = plot
    for (let n = 0; n < shown.length; n++) {
      const i = shown[n], x = Math.floor((time[i] - begin) / (end - begin) * width)
      const y = Math.floor((high - price[i] - tick / 2) / (high - low) * height)
      if (!(x >= 0 && x < wide && y >= 0 && y < tall && size[i] > 0)) continue
      const k = y * wide + x
      if (volume[k] == 0) lit.push(k)
      volume[k] += size[i]
      signed[k] += aggressor[i] == BUY ? size[i] : aggressor[i] == SELL ? -size[i] : 0
    }
    return lit
  }
}

/**
 * Opacity by the log of volumes, between two percentiles of those; 0 to 255.
 * @param {ArrayLike<number>} volumes
 */
export function opacities(volumes) {
  const [faintest, strongest, ...range] = SPECKS
  const logs = Float64Array.from(volumes, Math.log), sorted = logs.slice().sort()
  const [low, high] = range.map(percent => {
    const place = percent / 100 * (sorted.length - 1), k = Math.floor(place), next = sorted[k + 1] ?? sorted[k]
    return sorted[k] + (next - sorted[k]) * (place - k)
  })
  const strength = log => Math.min(Math.max((log - low) / Math.max(high - low, 1e-9), 0), 1)
  return Uint8Array.from(logs, log => rint(255 * (faintest + (strongest - faintest) * strength(log))))
}

/**
 * "#rrggbb" as pixels count it, without opacity.
 * @param {string} colour
 */
function wordOf(colour) {
  const [r, g, b] = [1, 3, 5].map(k => parseInt(colour.slice(k, k + 2), 16))
  return r | g << 8 | b << 16
}
