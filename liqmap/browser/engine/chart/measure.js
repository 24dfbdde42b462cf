// The measure: a box of time and prices, which stays where it was put, and what it spans in words.

import {measureWords} from "../words/measure.js"
import {within} from "./layers.js"
import {FONT} from "./plot.js"

/** @typedef {import("../marks/marks.js").Scene} Scene */

/**
 * @typedef {object} Measured from where a hand went to where, times in ns and prices
 * @property {[number, number]} times
 * @property {[number, number]} prices
 * @property {string} more what its source says of it; empty until it does
 */

const LINE = 19

/**
 * The box and its words: beside it where there is room, else within.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Scene} scene
 * @param {Measured} measured
 */
export function drawMeasure(ctx, {plot, market, colours}, {times, prices, more}) {
  const [x0, x1] = times.map(plot.x).sort((a, b) => a - b), [y0, y1] = prices.map(plot.y).sort((a, b) => a - b)
  within(ctx, plot, () => {
    ctx.fillStyle = ctx.strokeStyle = colours.text
    ctx.lineWidth = 1
    ctx.globalAlpha = 0.1
    ctx.fillRect(x0, y0, x1 - x0, y1 - y0)
    ctx.globalAlpha = 0.7
    ctx.setLineDash([4, 3])
    ctx.strokeRect(Math.round(x0) + 0.5, Math.round(y0) + 0.5, Math.round(x1 - x0), Math.round(y1 - y0))
    ctx.setLineDash([])
    ctx.globalAlpha = 1
    if (x1 < plot.left || x0 > plot.right || y1 < plot.top || y0 > plot.bottom) return
    ctx.font = FONT
    const lines = [measureWords(times, prices, market), ...more ? [more] : []]
    const wide = Math.max(...lines.map(words => ctx.measureText(words).width)) + 16, tall = lines.length * LINE + 8
    const x = Math.max(Math.min(x0, plot.right - wide - 2), plot.left + 2)
    const y = y0 - tall - 4 >= plot.top ? y0 - tall - 4 : y1 + tall + 4 <= plot.bottom ? y1 + 4 : plot.top + 2
    ctx.fillStyle = colours.panel
    ctx.fillRect(x, y, wide, tall)
    ctx.strokeStyle = colours.track
    ctx.strokeRect(Math.round(x) + 0.5, Math.round(y) + 0.5, Math.round(wide), tall)
    ctx.fillStyle = colours.text
    ctx.textAlign = "left"
    ctx.textBaseline = "middle"
    lines.forEach((words, k) => ctx.fillText(words, x + 8, y + 4 + (k + 0.5) * LINE + 0.5))
  })
}
