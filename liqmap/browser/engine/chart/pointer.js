// Under the pointer: a crosshair with its price and time, and the box that is drawn with it.

import {clock, price} from "../words/words.js"
import {FONT, isInside} from "./plot.js"

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("../marks/marks.js").Scene} scene
 * @param {number[] | null} at
 * @param {{from: number[], to: number[]} | null} box
 */
export function drawPointer(ctx, {plot, market, colours}, at, box) {
  if (box) drawBox(ctx, box, colours.accent)
  if (!at || !isInside(plot, at)) return
  const [x, y] = at
  ctx.strokeStyle = colours.muted
  ctx.globalAlpha = 0.7
  ctx.setLineDash([3, 3])
  ctx.beginPath()
  ctx.moveTo(plot.left, Math.round(y) + 0.5)
  ctx.lineTo(plot.right, Math.round(y) + 0.5)
  ctx.moveTo(Math.round(x) + 0.5, plot.top)
  ctx.lineTo(Math.round(x) + 0.5, plot.bottom)
  ctx.stroke()
  ctx.setLineDash([])
  ctx.globalAlpha = 1
  ctx.font = FONT
  const level = Math.floor(plot.price(y) / market.tick + 1e-9) * market.tick
  tag(ctx, price(level, market.places), plot.right + 4, y - 10, colours)
  const {time} = clock(market.baseSeconds, plot.time(x), (plot.times[1] - plot.times[0]) / plot.width)
  const wide = ctx.measureText(time).width + 10
  tag(ctx, time, Math.min(Math.max(x - wide / 2, plot.left), plot.right - wide), plot.bottom + 4, colours)
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {{from: number[], to: number[]}} box
 * @param {string} colour
 */
function drawBox(ctx, {from: [x, y], to}, colour) {
  ctx.fillStyle = ctx.strokeStyle = colour
  ctx.globalAlpha = 0.16
  ctx.fillRect(x, y, to[0] - x, to[1] - y)
  ctx.globalAlpha = 1
  ctx.strokeRect(x, y, to[0] - x, to[1] - y)
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {Record<string, string>} colours
 */
function tag(ctx, text, x, y, colours) {
  const width = ctx.measureText(text).width + 10
  ctx.fillStyle = colours.track
  ctx.fillRect(x, y, width, 20)
  ctx.fillStyle = colours.text
  ctx.textAlign = "left"
  ctx.textBaseline = "middle"
  ctx.fillText(text, x + 5, y + 10.5)
}
