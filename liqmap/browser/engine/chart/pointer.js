// Under the pointer: a crosshair with its price and time, the box that is drawn to zoom to, and the measure.

import {price} from "../words/words.js"
import {isInside} from "./plot.js"
import {drawMeasure} from "./measure.js"
import {drawDashed, priceTag, timeTag} from "./tags.js"

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("../marks/marks.js").Scene} scene
 * @param {number[] | null} at
 * @param {{from: number[], to: number[]} | null} box
 * @param {import("./measure.js").Measured | null} measured
 */
export function drawPointer(ctx, scene, at, box, measured) {
  const {plot, market, colours} = scene
  if (box) drawBox(ctx, box, colours.accent)
  if (measured) drawMeasure(ctx, scene, measured)
  if (!at || !isInside(plot, at)) return
  const [x, y] = at
  drawDashed(ctx, plot, {x, y}, {colour: colours.muted, alpha: 0.7, dash: [3, 3]})
  const level = Math.floor(plot.price(y) / market.tick + 1e-9) * market.tick
  priceTag(ctx, scene, price(level, market.places), y, colours.track, colours.text)
  timeTag(ctx, scene, x)
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {{from: number[], to: number[]}} box
 * @param {string} colour
 */
function drawBox(ctx, {from: [x, y], to}, colour) {
  ctx.fillStyle = ctx.strokeStyle = colour
  ctx.lineWidth = 1
  ctx.globalAlpha = 0.16
  ctx.fillRect(x, y, to[0] - x, to[1] - y)
  ctx.globalAlpha = 1
  ctx.strokeRect(x, y, to[0] - x, to[1] - y)
}
