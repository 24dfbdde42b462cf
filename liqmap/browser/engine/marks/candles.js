// Candles of the trades, as liqmap.render.charts.layers has them: bars of nice time steps, as fine as the pixels bear.

import {firstFrom} from "../book/search.js"
import {niceStep} from "../raster/lattice.js"
import {CANDLE_PIXELS, CANDLE_SHARE, NICE_TIMES} from "../rules.js"
import {clock, exact, price as priceWords} from "../words/words.js"

/** @typedef {import("./marks.js").Scene} Scene */
/** @typedef {import("../book/decode.js").Trades} Trades */

/**
 * @typedef {object} Bar
 * @property {number} time where it begins, ns
 * @property {number} open
 * @property {number} high
 * @property {number} low
 * @property {number} close
 * @property {number} volume
 * @property {number} count
 *
 * @typedef {{step: number, bars: Bar[]}} Candles
 */

const WIDTH = 1.2

/** @type {import("./marks.js").Mark<Candles>} */
export const candles = {
  name: "candles",
  order: 10,
  dims: true,
  needs: "trades",
  make: () => {
    const all = new AllBars()
    return {draw: (ctx, scene) => drawCandles(ctx, scene, all), legend: () => [], readout: candleAt}
  },
}

/** Bars of all trades, of the step that was asked for last: views are cut from them. */
export class AllBars {
  /** @type {{trades: Trades | null, step: number, bars: Bar[]}} */
  #kept = {trades: null, step: 0, bars: []}

  /**
   * The bars of a view.
   * @param {Trades} trades
   * @param {number} step ns
   * @param {number} begin
   * @param {number} end
   * @param {number | null} until trades from here on are not known yet
   */
  between(trades, step, begin, end, until) {
    if (this.#kept.trades != trades || this.#kept.step != step) this.#kept = {trades, step, bars: barsOf(trades, step)}
    const {bars} = this.#kept
    const first = placeFrom(bars, Math.floor(begin / step) * step), last = placeFrom(bars, Math.ceil(end / step) * step)
    const seen = bars.slice(first, Math.max(first, last))
    const cut = until === null ? Infinity : Math.floor(until / step) * step, known = seen.filter(({time}) => time < cut)
    if (cut >= end) return known
    return [...known, ...barsOf(trades, step, Math.max(cut, Math.floor(begin / step) * step), until)]
  }
}

/** The first bar at or after a time. @param {Bar[]} bars @param {number} at */
function placeFrom(bars, at) {
  let low = 0, high = bars.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (bars[middle].time >= at) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Bars of the trades of [begin, end) ns.
 * @param {Trades} trades
 * @param {number} step
 * @returns {Bar[]}
 */
export function barsOf({time, price, size}, step, begin = -Infinity, end = Infinity) {
  /** @type {Bar[]} */
  const bars = []
  let bar = null, stop = -Infinity
  for (let i = firstFrom(time, begin); i < time.length && time[i] < end; i++) {
    const now = price[i]
    if (!(time[i] < stop)) {
      const from = Math.floor(time[i] / step) * step
      stop = from + step
      bars.push(bar = {time: from, open: now, high: now, low: now, close: now, volume: 0, count: 0})
    }
    if (now > bar.high) bar.high = now
    if (now < bar.low) bar.low = now
    bar.close = now
    bar.volume += size[i]
    bar.count++
  }
  return bars
}

/**
 * The time step of bars that are wide enough.
 * @param {number} begin
 * @param {number} end
 * @param {number} width pixels
 */
export function candleStep(begin, end, width) {
  return niceStep((end - begin) * CANDLE_PIXELS / Math.max(Math.round(width), 1), NICE_TIMES)
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Scene} scene
 * @param {AllBars} all
 * @returns {Candles}
 */
function drawCandles(ctx, {data: {trades}, plot, market, colours, until}, all) {
  const [begin, end] = plot.times, step = candleStep(begin, end, plot.width), half = market.tick / 2
  const bars = all.between(trades, step, begin, end, until), inset = step * (1 - CANDLE_SHARE) / 2
  ctx.lineWidth = WIDTH
  for (const {time, open, high, low, close} of bars) {
    const left = plot.x(time + inset), right = plot.x(time + step - inset), middle = plot.x(time + step / 2)
    const top = plot.y(Math.max(open, close) + half), bottom = plot.y(Math.min(open, close) + half)
    ctx.fillStyle = ctx.strokeStyle = colours[colourOf(open, close)]
    ctx.beginPath()
    ctx.moveTo(middle, plot.y(high + half))
    ctx.lineTo(middle, plot.y(low + half))
    ctx.stroke()
    ctx.fillRect(left, top, right - left, bottom - top)
    ctx.strokeRect(left, top, right - left, bottom - top)
  }
  return {step, bars}
}

/** @param {number} open @param {number} close */
function colourOf(open, close) {
  return close > open ? "up" : close < open ? "down" : "neutral"
}

/**
 * What the candle at a place says of itself.
 * @param {Candles} found
 * @param {Scene} scene
 * @param {number[]} at
 */
function candleAt({step, bars}, {plot, market, colours, zone}, [x, y]) {
  const bar = bars.find(({time}) => plot.x(time) <= x && x < plot.x(time + step))
  if (!bar || y < plot.y(bar.high + market.tick) - 2 || y > plot.y(bar.low) + 2) return null
  const words = value => priceWords(value, market.places), {open, high, low, close, volume, count} = bar
  const at = clock(market.baseSeconds, bar.time, step, zone).time
  return [
    {words: `${at}  open ${words(open)}, high ${words(high)}, low ${words(low)}, close ${words(close)}`,
     colour: colours[colourOf(open, close)]},
    {words: `volume ${exact(volume)} ${market.units.size}, ${count.toLocaleString("en-US")} trades`},
  ]
}
