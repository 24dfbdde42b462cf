// Tags on the axes: where the pointer is, and what was traded last.

import {firstFrom} from "../book/search.js"
import {touchAt} from "../marks/touch.js"
import {NS, clock, price} from "../words/words.js"
import {FONT} from "./plot.js"

/** @typedef {import("../marks/marks.js").Scene} Scene */

const TALL = 20

/**
 * A tag at the price axis, in the middle of a price's place.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Scene} scene
 * @param {string} words
 * @param {number} y
 * @param {string} ground
 * @param {string} colour
 */
export function priceTag(ctx, {plot}, words, y, ground, colour) {
  tag(ctx, words, plot.right + 4, y - TALL / 2, ground, colour)
}

/**
 * A tag at the axis of time.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Scene} scene
 * @param {number} x
 */
export function timeTag(ctx, {plot, market, colours, zone}, x) {
  const step = (plot.times[1] - plot.times[0]) / plot.width
  const {date, time} = clock(market.baseSeconds, plot.time(x), step, zone)
  const words = plot.times[1] - plot.times[0] > NS.d ? `${date.slice(5)} ${time}` : time
  ctx.font = FONT
  const wide = ctx.measureText(words).width + 10
  tag(ctx, words, Math.min(Math.max(x - wide / 2, plot.left), plot.right - wide), plot.bottom + 4, colours.track, colours.text)
}

/**
 * The price traded last in view, in the colour of the aggressor; of a view without trades the mid at its right edge. Gives
 * the place of its tag from above, NaN for none.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Scene} scene
 */
export function lastTag(ctx, scene) {
  const {plot, market, colours} = scene, last = lastPrice(scene)
  if (!last) return NaN
  const y = plot.y(last.price + market.tick / 2)  // in the middle of its tick's cell
  if (!(y >= plot.top && y <= plot.bottom)) return NaN
  const ground = colours[last.aggressor === null ? "mid" : ["unsigned", "buy", "sell"][last.aggressor]]
  drawDashed(ctx, plot, {y}, {colour: ground, alpha: 0.55, dash: [1, 4]})
  const finer = Math.abs(last.price / market.tick % 1 - 0.5) < 0.25 ? 1 : 0  // a mid between two ticks
  priceTag(ctx, scene, price(last.price, market.places + finer), y, ground, colours.background)
  return y
}

/**
 * What the tag of the last price says; null where nothing is known. What a host gives as `data.last` counts.
 * @param {Pick<Scene, "plot" | "market" | "data" | "until">} scene
 * @returns {{price: number, aggressor: number | null} | null}
 */
export function lastPrice({plot: {times: [begin, end]}, market: {tick, last}, data: {trades, touch, last: given}, until}) {
  if (given !== undefined) return given
  if (trades) {
    const k = firstFrom(trades.time, Math.min(end, until ?? Infinity)) - 1
    if (k >= 0 && trades.time[k] >= begin) return {price: trades.price[k], aggressor: trades.aggressor[k]}
  }
  const [bid, ask] = touch ? touchAt(touch, Math.min(end, last)) : [NaN, NaN], mid = (bid + ask) / 2 * tick
  return mid === mid ? {price: mid, aggressor: null} : null
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {string} ground
 * @param {string} colour
 */
function tag(ctx, words, x, y, ground, colour) {
  ctx.font = FONT
  ctx.fillStyle = ground
  ctx.fillRect(x, y, ctx.measureText(words).width + 10, TALL)
  ctx.fillStyle = colour
  ctx.textAlign = "left"
  ctx.textBaseline = "middle"
  ctx.fillText(words, x + 5, y + TALL / 2 + 0.5)
}

/**
 * Dashed lines across and down a plot, a pixel wide.
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./plot.js").Plot} plot
 * @param {{x?: number, y?: number}} at
 * @param {{colour: string, alpha: number, dash: number[]}} look
 */
export function drawDashed(ctx, {left, top, right, bottom}, {x, y}, {colour, alpha, dash}) {
  ctx.strokeStyle = colour
  ctx.globalAlpha = alpha
  ctx.lineWidth = 1
  ctx.setLineDash(dash)
  ctx.beginPath()
  if (y !== undefined) {
    ctx.moveTo(left, Math.round(y) + 0.5)
    ctx.lineTo(right, Math.round(y) + 0.5)
  }
  if (x !== undefined) {
    ctx.moveTo(Math.round(x) + 0.5, top)
    ctx.lineTo(Math.round(x) + 0.5, bottom)
  }
  ctx.stroke()
  ctx.setLineDash([])
  ctx.globalAlpha = 1
}
