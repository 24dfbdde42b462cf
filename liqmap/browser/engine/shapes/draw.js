// Shapes, drawn where the axes of whoever asks have them.

import {FONT} from "../chart/plot.js"
import {imageOf} from "./image.js"
import {runsOf, stretchWithin} from "./lines.js"
import {boxAt, discAt} from "./place.js"

/** @typedef {import("./decode.js").Shape} Shape */
/** @typedef {import("./place.js").At} At */

/** What is farther from what can be seen than so many pixels is left out: canvases count in short numbers. */
const MARGIN = 64

/** Around words that have a ground: room at their sides, height, roundness; pixels. */
const GROUND = {side: 3, height: 15, round: 2}

/** In panels words stand beside bars, and small ones in cells: smaller, and closer. */
const SMALL = {font: FONT.replace(/^[\d.]+px/, "11px"), height: 13}

/** @type {Record<Shape["kind"], (ctx: CanvasRenderingContext2D, shape: any, at: At) => void>} */
const DRAWN = {line: drawLine, segments: drawSegments, boxes: drawBoxes, discs: drawDiscs, pixels: drawPixels, words: drawTexts}

/**
 * Draws shapes, the later over the earlier; whoever calls has clipped.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Shape[]} shapes
 * @param {At} at
 */
export function drawShapes(ctx, shapes, at) {
  for (const shape of shapes) {
    ctx.save()
    DRAWN[shape.kind](ctx, shape, at)
    ctx.restore()
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./decode.js").LineShape} line
 * @param {At} at
 */
function drawLine(ctx, line, at) {
  const box = boxAround(at), {width} = line
  ctx.strokeStyle = line.colour
  ctx.lineWidth = width
  ctx.lineJoin = "bevel"
  ctx.beginPath()
  for (const run of runsOf(line, axesOf(line, at))) {
    if (run.length == 2) run.splice(0, 2, run[0] - width / 2, run[1], run[0] + width / 2, run[1])
    for (let i = 0, pen = null; i + 3 < run.length; i += 2) {
      const seen = stretchWithin(run.slice(i, i + 4), box)
      if (seen && !(pen && seen[0] == pen[0] && seen[1] == pen[1])) ctx.moveTo(seen[0], seen[1])
      if (seen) ctx.lineTo(seen[2], seen[3])
      pen = seen && [seen[2], seen[3]]
    }
  }
  ctx.stroke()
}

/**
 * Axes of a line: its sizes are on the second, if it is.
 * @param {import("./decode.js").LineShape} line
 * @param {At} at
 */
function axesOf({second}, at) {
  if (!second) return at
  if (!at.second) throw new Error("expected a second axis for a line that is on it, got none")
  return at.shares == "price" ? {x: at.second, y: at.y} : {x: at.x, y: at.second}
}

/** @param {At} at */
function boxAround({left, top, right, bottom}) {
  return {left: left - MARGIN, top: top - MARGIN, right: right + MARGIN, bottom: bottom + MARGIN}
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./decode.js").SegmentsShape} segments
 * @param {At} at
 */
function drawSegments(ctx, {x0, y0, x1, y1, colour, colours, width}, at) {
  const box = boxAround(at)
  ctx.lineWidth = width
  for (let i = 0; i < x0.length;) {
    const one = colour[i]
    ctx.beginPath()
    for (; i < x0.length && colour[i] == one; i++) {
      const ends = [at.x(x0[i]), at.y(y0[i]), at.x(x1[i]), at.y(y1[i])], seen = ends.some(Number.isNaN) ? null : stretchWithin(ends, box)
      if (!seen) continue
      ctx.moveTo(seen[0], seen[1])
      ctx.lineTo(seen[2], seen[3])
    }
    ctx.strokeStyle = colours[one]
    ctx.stroke()
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./decode.js").BoxesShape} boxes
 * @param {At} at
 */
function drawBoxes(ctx, boxes, at) {
  const {colour, colours, alpha, rim} = boxes, ratio = ctx.getTransform().a
  ctx.lineWidth = rim
  for (let i = 0, now = -1; i < colour.length; i++) {
    const found = boxAt(boxes, i, at, ratio)
    if (!found) continue
    if (colour[i] != now) ctx.fillStyle = ctx.strokeStyle = colours[now = colour[i]]
    const [left, top, right, bottom] = found, wide = right - left, tall = bottom - top
    const hasRoom = rim > 0 && Math.min(wide, tall) > 2 * rim
    ctx.globalAlpha = rim > 0 && !hasRoom ? 1 : alpha
    ctx.fillRect(left, top, wide, tall)
    if (!hasRoom) continue
    ctx.globalAlpha = 1
    ctx.strokeRect(left + rim / 2, top + rim / 2, wide - rim, tall - rim)
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./decode.js").DiscsShape} discs
 * @param {At} at
 */
function drawDiscs(ctx, discs, at) {
  const {face, rim, colours, alpha, width} = discs
  ctx.lineWidth = width
  for (let i = 0; i < face.length; i++) {
    const found = discAt(discs, i, at)
    if (!found) continue
    ctx.beginPath()
    ctx.arc(found[0], found[1], found[2], 0, 2 * Math.PI)
    ctx.globalAlpha = alpha
    ctx.fillStyle = colours[face[i]]
    ctx.fill()
    if (!(width > 0)) continue
    ctx.globalAlpha = 1
    ctx.strokeStyle = colours[rim[i]]
    ctx.stroke()
  }
}

/**
 * Of an image what can be seen, in whole pixels of its own.
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./decode.js").PixelsShape} shape
 * @param {At} at
 */
function drawPixels(ctx, shape, at) {
  const {width, height, bounds: [begin, end, low, high]} = shape
  const across = part(at.x(begin), at.x(end), at.left, at.right, width), down = part(at.y(high), at.y(low), at.top, at.bottom, height)
  if (!across || !down) return
  ctx.imageSmoothingEnabled = false
  ctx.drawImage(imageOf(shape), across[0], down[0], across[1], down[1], across[2], down[2], across[3], down[3])
}

/** From which pixel how many lie in sight, and where they lie. */
function part(from, to, least, most, count) {
  const each = (to - from) / count
  const first = Math.max(Math.floor((least - from) / each), 0), last = Math.min(Math.ceil((most - from) / each), count)
  return last > first ? [first, last - first, from + first * each, (last - first) * each] : null
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./decode.js").WordsShape} words
 * @param {At} at
 */
function drawTexts(ctx, {x, y, text, colour, align, ground, small}, at) {
  const isSmall = small || Boolean(at.shares)
  ctx.font = isSmall ? SMALL.font : FONT
  ctx.textAlign = "left"
  ctx.textBaseline = "middle"
  const share = {left: 0, right: 1, centre: 0.5}[align], {side, round} = GROUND, {height} = isSmall ? SMALL : GROUND
  for (let i = 0; i < text.length; i++) {
    const right = at.x(x[i]), down = at.y(y[i])
    if (!(right >= at.left && right <= at.right && down >= at.top && down <= at.bottom) || !text[i]) continue
    const wide = ctx.measureText(text[i]).width, most = Math.max(at.right - wide - side, at.left + side)
    const from = Math.min(Math.max(right - share * wide, at.left + side), most)
    const middle = Math.min(Math.max(down, at.top + height / 2), at.bottom - height / 2)
    if (ground) {
      ctx.fillStyle = ground
      ctx.globalAlpha = 0.75
      ctx.beginPath()
      ctx.roundRect(from - side, middle - height / 2, wide + 2 * side, height, round)
      ctx.fill()
      ctx.globalAlpha = 1
    }
    ctx.fillStyle = colour
    ctx.fillText(text[i], from, middle + 0.5)
  }
}
