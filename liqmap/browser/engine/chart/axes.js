// Readable ticks: prices on whole multiples of a tick, times on the clock.

import {NS, clock, price} from "../words/words.js"
import {instantOf, offsetOf} from "../words/zone.js"
import {FONT} from "./plot.js"

/** @typedef {import("./plot.js").Plot} Plot */
/** @typedef {import("./chart.js").Market} Market */
/** @typedef {Record<string, string>} Css colours by name */
/** @typedef {{at: number, label: string, date: string}} TimeTick */
/** @typedef {{times: TimeTick[], prices: {at: number, label: string}[], zone: string}} Ticks */

/** From the middle of a tag to that of a label that it does not touch, pixels. */
const UNDER_TAG = 18

const TIME_STEPS = [
  ...Array.from({length: 9}, (_, k) => [1, 2, 5].map(n => n * 10 ** k)).flat(),
  ...[1, 2, 5, 10, 15, 30].map(n => n * NS.s),
  ...[1, 2, 5, 10, 15, 30].map(n => n * NS.min),
  ...[1, 2, 3, 6, 12].map(n => n * NS.h),
  ...[1, 2, 5, 10, 20, 50].map(n => n * NS.d),
]

function multiples(low, high, step) {
  const first = Math.ceil(low / step - 1e-9), count = Math.max(0, Math.floor(high / step + 1e-9) - first + 1)
  return Array.from({length: count}, (_, k) => (first + k) * step)
}

/**
 * The ticks of both axes, which lines and labels share.
 * @param {Market} market
 * @param {Plot} plot
 * @param {string} zone
 * @returns {Ticks}
 */
export function ticksOf(market, plot, zone) {
  return {times: timeTicks(market, plot, zone), prices: priceTicks(market, plot), zone}
}

/**
 * @param {Market} market
 * @param {Pick<Plot, "times" | "width">} plot
 * @param {string} [zone] on whose clock times are round
 */
export function timeTicks({baseSeconds}, {times: [begin, end], width}, zone = "UTC") {
  const least = (end - begin) / Math.max(width / 96, 1)
  const step = TIME_STEPS.find(s => s >= least) ?? TIME_STEPS.at(-1)
  let date = null
  return roundTimes(baseSeconds, begin, end, step, zone).map(at => {
    const moment = clock(baseSeconds, at, step, zone), day = moment.date != date
    date = moment.date
    return {at, label: step >= NS.d ? moment.date.slice(5) : step >= NS.min ? moment.time.slice(0, 5) : moment.time,
            date: day ? moment.date : ""}
  })
}

/**
 * Instants at which clocks of a zone show whole multiples of a step; a day whose clocks change is longer or shorter.
 * @param {number} baseSeconds
 * @param {number} begin
 * @param {number} end
 * @param {number} step
 * @param {string} zone
 */
function roundTimes(baseSeconds, begin, end, step, zone) {
  if (zone == "UTC") return multiples(begin, end, step)
  const [first, last] = [begin, end].map(at => offsetOf(zone, baseSeconds + Math.floor(at / 1e9)) * 1e9)
  if (first == last) return multiples(begin + first, end + first, step).map(at => at - first)
  if (step < NS.s) return multiples(begin, end, step)  // zones are whole seconds ahead
  const low = begin + Math.min(first, last), high = end + Math.max(first, last)
  return multiples(low, high, step).map(at => (instantOf(zone, baseSeconds + at / 1e9) - baseSeconds) * 1e9)
    .filter((at, k, all) => at >= begin && at <= end && all.indexOf(at) == k).sort((a, b) => a - b)
}

/**
 * @param {Market} market
 * @param {Pick<Plot, "prices" | "height">} plot
 */
export function priceTicks({tick, places}, {prices: [low, high], height}) {
  const least = (high - low) / tick / Math.max(height / 46, 1)
  const decade = 10 ** Math.floor(Math.log10(Math.max(least, 1)))
  const step = [1, 2, 5, 10].map(n => n * decade).find(s => s >= least)
  return multiples(low / tick, high / tick, step).map(ticks => ({at: ticks * tick, label: price(ticks * tick, places)}))
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Plot} plot
 * @param {Ticks} ticks
 * @param {Css} colours
 */
export function drawGridLines(ctx, plot, ticks, colours) {
  ctx.strokeStyle = colours.lines
  ctx.lineWidth = 1
  ctx.beginPath()
  for (const {at} of ticks.times) {
    const x = Math.round(plot.x(at)) + 0.5
    ctx.moveTo(x, plot.top)
    ctx.lineTo(x, plot.bottom)
  }
  for (const {at} of ticks.prices) {
    const y = Math.round(plot.y(at)) + 0.5
    ctx.moveTo(plot.left, y)
    ctx.lineTo(plot.right, y)
  }
  ctx.stroke()
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Plot} plot
 * @param {Ticks} ticks
 * @param {Market} market
 * @param {Css} colours
 * @param {number} tagged where a tag stands among the prices: no label looks out from under it
 */
export function drawAxes(ctx, plot, ticks, market, colours, tagged = NaN) {
  ctx.font = FONT
  ctx.strokeStyle = colours.grid
  ctx.lineWidth = 1
  ctx.strokeRect(plot.left - 0.5, plot.top - 0.5, plot.width + 1, plot.height + 1)
  ctx.textBaseline = "middle"
  ctx.textAlign = "left"
  ctx.fillStyle = colours.muted
  for (const {at, label} of ticks.prices) {
    const y = Math.min(Math.max(plot.y(at), plot.top + 6), plot.bottom - 6)
    if (!(Math.abs(y - tagged) < UNDER_TAG)) ctx.fillText(label, plot.right + 9, y)
  }
  ctx.save()
  ctx.translate(plot.size[0] - 8, plot.top + plot.height / 2)
  ctx.rotate(-Math.PI / 2)
  ctx.textAlign = "center"
  ctx.fillText(["price", market.units.price].filter(Boolean).join(", "), 0, 0)
  ctx.restore()
  ctx.textBaseline = "top"
  let free = -Infinity
  for (const {at, label, date} of ticks.times) {
    const half = ctx.measureText(label).width / 2
    const x = Math.min(Math.max(plot.x(at), plot.left + half), plot.right - half)
    ctx.textAlign = "center"
    if (x - half > free) {
      ctx.fillText(label, x, plot.bottom + 8)
      free = x + half + 8
    }
    if (date) {
      const wide = ctx.measureText(date).width / 2
      ctx.fillText(date, Math.min(Math.max(x, plot.left + wide), plot.right - wide), plot.bottom + 26)
    }
  }
  const zone = `time, ${ticks.zone}`, fits = ctx.measureText(zone).width <= plot.size[0] - plot.right - 13
  ctx.textAlign = fits ? "left" : "right"
  ctx.fillText(zone, fits ? plot.right + 9 : plot.size[0] - 8, plot.bottom + (fits ? 8 : 26))
  ctx.textAlign = "left"
}
