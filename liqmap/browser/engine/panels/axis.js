// The axes of a panel: grid lines, ticks of sizes, labels, title.

import {priceTicks, timeTicks} from "../chart/axes.js"
import {EDGE, FONT} from "../chart/plot.js"
import {sizeTicks} from "./ticks.js"

/** @typedef {import("./frame.js").Frame} Frame */
/** @typedef {import("./ticks.js").Tick} Tick */
/** @typedef {import("../shapes/decode.js").SizeAxis} SizeAxis */
/** @typedef {import("../shapes/decode.js").PanelContent} PanelContent */

/**
 * @typedef {object} Drawn what a panel draws axes of
 * @property {"price" | "time"} shares
 * @property {Frame} frame
 * @property {ReturnType<typeof import("./frame.js").atOf>} at
 * @property {PanelContent} content
 * @property {import("../chart/chart.js").Chart} chart
 */

/** Height of a line of words, between words and a frame, and where the second line of words begins; pixels. */
const LINE = {height: 15, gap: 8, next: 26}

/** Of a title and a label that would not fit else. */
const SMALL = FONT.replace(/^[\d.]+px/, "11px")

/** Least pixels between the words of two ticks across, and from one tick to the next down. */
const APART = {across: 9, down: 28}

/** As many ticks of sizes as there are at most, and at least. */
const TICKS = {most: 4, least: 2}

/** Pixels beside a frame that ticks of sizes have room in. */
const LABELLED = 48

/** Pixels above the chart's frame that a second axis of a panel beside takes. */
export const ABOVE = 34

/** Pixels left of the chart that the first of two axes of a panel below takes. */
export const LEFT = LABELLED - EDGE.left

/**
 * As many ticks as there is room for.
 * @param {CanvasRenderingContext2D} ctx
 * @param {"price" | "time"} shares
 * @param {Frame} frame
 * @param {SizeAxis} axis
 */
function ticksOf(ctx, shares, {width, height}, {low, high}) {
  ctx.font = FONT
  const fits = ticks => shares == "time" ? ticks.length <= height / APART.down : ticks.slice(1).every(({at, label}, k) => {
    const halves = (ctx.measureText(label).width + ctx.measureText(ticks[k].label).width) / 2
    return (at - ticks[k].at) / (high - low) * width >= halves + APART.across
  })
  for (let most = TICKS.most; most > TICKS.least; most--) {
    const ticks = sizeTicks(low, high, most)
    if (fits(ticks)) return ticks
  }
  return sizeTicks(low, high, TICKS.least)
}

/**
 * Lines at the ticks of sizes and of what is shared; where sizes run both ways a clearer one at none.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Drawn} drawn
 */
export function drawPanelGrid(ctx, {shares, frame, at, content: {axis}, chart}) {
  const {plot, market, theme: {css}, choice: {timeZone}} = chart
  const sizes = ticksOf(ctx, shares, frame, axis).map(tick => at.size(tick.at))
  const [across, down] = shares == "price"
    ? [sizes, priceTicks(market, plot).map(tick => at.y(tick.at))]
    : [timeTicks(market, plot, timeZone).map(tick => at.x(tick.at)), sizes]
  ctx.lineWidth = 1
  strokeLines(ctx, frame, css.lines, across, down)
  if (axis.low < 0 && axis.high > 0) {
    const none = [at.size(0)]
    strokeLines(ctx, frame, css.grid, shares == "price" ? none : [], shares == "price" ? [] : none)
  }
}

function strokeLines(ctx, {left, top, right, bottom}, colour, across, down) {
  ctx.strokeStyle = colour
  ctx.beginPath()
  for (const x of across) {
    ctx.moveTo(Math.round(x) + 0.5, top)
    ctx.lineTo(Math.round(x) + 0.5, bottom)
  }
  for (const y of down) {
    ctx.moveTo(left, Math.round(y) + 0.5)
    ctx.lineTo(right, Math.round(y) + 0.5)
  }
  ctx.stroke()
}

/** @param {CanvasRenderingContext2D} ctx @param {Frame} frame @param {Record<string, string>} colours */
export function drawPanelFrame(ctx, {left, top, width, height}, colours) {
  ctx.strokeStyle = colours.grid
  ctx.lineWidth = 1
  ctx.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1)
}

/** @param {CanvasRenderingContext2D} ctx @param {Drawn} drawn */
export function drawPanelAxes(ctx, drawn) {
  ctx.font = FONT
  ctx.fillStyle = drawn.chart.theme.css.muted
  if (drawn.shares == "price") drawBeside(ctx, drawn)
  else drawBelow(ctx, drawn)
}

/** Sizes run across: ticks below, those of the second axis above. */
function drawBeside(ctx, {shares, frame, at, content: {axis, second, title}}) {
  ctx.textBaseline = "top"
  drawAcross(ctx, ticksOf(ctx, shares, frame, axis), at.size, frame.bottom + LINE.gap, frame)
  drawNames(ctx, axis.label, title, frame)
  if (!second) return
  const ticks = ticksOf(ctx, shares, frame, second), above = frame.top - 4
  ctx.textBaseline = "bottom"
  drawAcross(ctx, ticks, at.second, above, frame)
  drawCentred(ctx, second.label, above - LINE.height, frame)
}

/** The label of sizes and the title: side by side if both fit so, else one below the other. */
function drawNames(ctx, label, title, frame) {
  const {left, right, bottom, size} = frame, room = size[0] - 2 - left, apart = 10
  const fits = font => widthOf(ctx, font, label) + widthOf(ctx, font, title) + apart <= room
  const font = [FONT, SMALL].find(fits) ?? SMALL
  ctx.font = font
  if (!title) drawCentred(ctx, label, bottom + LINE.next, frame)
  else if (fits(font)) {
    const end = Math.max(right, left + widthOf(ctx, font, label) + apart + widthOf(ctx, font, title))
    ctx.textAlign = "left"
    ctx.fillText(label, left, bottom + LINE.next)
    ctx.textAlign = "right"
    ctx.fillText(title, end, bottom + LINE.next)
  } else {
    drawCentred(ctx, label, bottom + LINE.next - 5, frame)
    drawCentred(ctx, title, Math.min(bottom + LINE.next + 7, size[1] - 12), frame)
  }
}

/** Words in the middle of a frame, as many as there is room for. */
function drawCentred(ctx, words, y, {left, right, size}) {
  const room = size[0] - 2, text = fitted(ctx, words, room - 2), half = ctx.measureText(text).width / 2
  ctx.textAlign = "center"
  ctx.fillText(text, Math.max(Math.min((left + right) / 2, room - half), half + 2), y)
}

function widthOf(ctx, font, words) {
  ctx.font = font
  return ctx.measureText(words).width
}

/** Words at ticks across, between the ends of a frame; none over another. */
function drawAcross(ctx, ticks, place, y, {left, right}) {
  ctx.textAlign = "center"
  let free = -Infinity
  for (const {at, label} of ticks) {
    const half = ctx.measureText(label).width / 2, x = Math.max(Math.min(place(at), right - half), left + half)
    if (x - half < free) continue
    ctx.fillText(label, x, y)
    free = x + half + 5
  }
}

/**
 * Sizes run upward: ticks at the right, as the chart's prices have theirs. Of two axes the first has its at the left: beside
 * the frame, or where there is no room within it. The label of an only axis that is longer than the frame is high stands within.
 */
function drawBelow(ctx, {shares, frame, at, content: {axis, second, title}, chart}) {
  const {left, right, top, height, size} = frame, right_ = second ?? axis
  drawUpward(ctx, ticksOf(ctx, shares, frame, right_), second ? at.second : at.size, right + 9, frame)
  ctx.save()
  ctx.translate(size[0] - 8, top + height / 2)
  ctx.rotate(-Math.PI / 2)
  ctx.textAlign = "center"
  ctx.textBaseline = "alphabetic"
  const hasRoom = second || ctx.measureText(right_.label).width <= height
  if (hasRoom) ctx.fillText(fitted(ctx, right_.label, height), 0, 0)
  ctx.restore()
  if (!hasRoom) {
    ctx.textAlign = "left"
    drawInside(ctx, right_.label, left + 5, top + 4, frame, chart)
  }
  ctx.textAlign = "right"
  drawInside(ctx, title, right - 4, top + 4, frame, chart)
  if (!second) return
  const ticks = ticksOf(ctx, shares, frame, axis), isBeside = left >= LABELLED
  const widest = isBeside ? 0 : Math.max(0, ...ticks.map(({label}) => ctx.measureText(label).width)), end = left + 5 + widest
  if (isBeside) drawUpward(ctx, ticks, at.size, null, frame)
  else for (const tick of ticks) drawInside(ctx, tick.label, end, at.size(tick.at) - LINE.height / 2, frame, chart, widest)
  ctx.textAlign = "left"
  drawInside(ctx, axis.label, isBeside ? left + 5 : end + 14, top + 4, frame, chart)
}

/** Numerals at ticks upward, their last digits one below the other. `x`: where they begin; null: they end at the frame. */
function drawUpward(ctx, ticks, place, x, {left, top, bottom}) {
  const widest = Math.max(0, ...ticks.map(({label}) => ctx.measureText(label).width)), end = x === null ? left - 8 : x + widest
  ctx.textAlign = "right"
  ctx.textBaseline = "middle"
  for (const {at, label} of ticks) ctx.fillText(label, end, Math.min(Math.max(place(at), top + 6), bottom - 6))
}

/** Words within a frame, on a ground of their own, as wide as several have it. */
function drawInside(ctx, words, x, y, {left, top: upper, right, bottom}, chart, widest = 0) {
  if (!words) return
  const {background, muted} = chart.theme.css, text = fitted(ctx, words, right - left - 8)
  const wide = Math.max(ctx.measureText(text).width, widest)
  const top = Math.max(Math.min(y, bottom - LINE.height), upper), from = ctx.textAlign == "right" ? x - wide : x
  ctx.globalAlpha = 0.8
  ctx.fillStyle = background
  ctx.fillRect(from - 3, top, wide + 6, LINE.height)
  ctx.globalAlpha = 1
  ctx.fillStyle = muted
  ctx.textBaseline = "middle"
  ctx.fillText(text, x, top + LINE.height / 2 + 0.5)
}

/**
 * Words as long as there is room for.
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} words
 * @param {number} room pixels
 */
function fitted(ctx, words, room) {
  if (ctx.measureText(words).width <= room) return words
  for (let length = words.length - 1; length > 0; length--) {
    const some = `${words.slice(0, length).trimEnd()}…`
    if (ctx.measureText(some).width <= room) return some
  }
  return ""
}
