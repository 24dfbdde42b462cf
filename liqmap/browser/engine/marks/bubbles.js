// Traded volume as bubbles, as liqmap.render.marks.overlays has it, and below them a speck for every trade where there are
// more.

import {firstFrom} from "../book/search.js"
import {rint, short} from "../numbers.js"
import {BUBBLES, CELL_PIXELS, FACE_ALPHA, LARGEST, LEAST, RIM_WIDTH, ROOM} from "../rules.js"
import {Specks} from "./specks.js"

/** @typedef {import("./marks.js").Scene} Scene */
/** @typedef {import("../chart/plot.js").Plot} Plot */
/** @typedef {{size: number, aggressor: number, time: number, price: number}} Bubble */

/** @type {import("./marks.js").Mark<Bubble[]>} */
export const bubbles = {
  name: "bubbles",
  order: 40,
  needs: "trades",
  make: () => {
    const specks = new Specks()
    return {draw: (ctx, scene) => drawTrades(ctx, scene, specks), legend: tradesLegend}
  },
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Scene} scene
 * @param {Specks} specks
 */
function drawTrades(ctx, {data: {trades}, plot, market, colours}, specks) {
  const shown = tradesIn(trades, plot), largest = bubblesOf(trades, shown, plot, market)
  if (shown.length > largest.length) specks.draw(ctx, trades, shown, plot, market.tick, colours)
  drawBubbles(ctx, largest, plot, colours)
  return largest
}

/** @param {Bubble[]} found @param {Scene} scene @returns {import("./marks.js").Entry[]} */
function tradesLegend(found, {market}) {
  if (!found.length) return []
  return [
    {word: "buys", colour: "buy"}, {word: "sells", colour: "sell"},
    {word: `largest ${short(found[0].size)} ${market.units.size}`},
  ]
}

/**
 * The trades in view.
 * @param {import("../book/decode.js").Trades} trades
 * @param {Pick<Plot, "times" | "prices">} plot
 */
export function tradesIn({time, price}, {times: [begin, end], prices: [low, high]}) {
  const shown = []
  for (let i = firstFrom(time, begin); i < time.length && time[i] < end; i++) {
    if (price[i] >= low && price[i] <= high) shown.push(i)
  }
  return shown
}

/**
 * How many bubbles a view of so many pixels bears, and the radius of the largest.
 * @param {number} width
 * @param {number} height
 */
export function bubbleRoom(width, height) {
  const [wide, tall, least] = ROOM
  const scale = Math.min(Math.max(Math.sqrt(Math.round(width) * Math.round(height) / (wide * tall)), least), 1)
  return [rint(BUBBLES * scale), LARGEST * scale]
}

/**
 * The largest volumes of the view: a trade each where there are few, else those of one aggressor in one square.
 * @param {import("../book/decode.js").Trades} trades
 * @param {number[]} shown
 * @param {Pick<Plot, "times" | "prices" | "width" | "height">} plot
 * @param {Pick<import("../chart/chart.js").Market, "base" | "tick">} market
 * @returns {Bubble[]}
 */
export function bubblesOf({time, price, size, aggressor}, shown, {times: [begin, end], prices: [low, high], width, height}, {base, tick}) {
  const [bubbles] = bubbleRoom(width, height), many = shown.length > bubbles
  const wide = Math.max(1, Math.floor((end - begin) * CELL_PIXELS / Math.round(width)))
  const tall = (high - low) * CELL_PIXELS / Math.round(height)
  const past = Number(BigInt(base) % BigInt(wide)), before = Math.floor((begin + past) / wide)
  const first = Math.floor(low / tall), rows = Math.floor(high / tall) - first + 1, groups = new Map()
  for (const i of shown) {
    const square = (Math.floor((time[i] + past) / wide) - before) * rows + Math.floor(price[i] / tall) - first
    const key = many ? square * 3 + aggressor[i] : i
    let group = groups.get(key)
    if (!group) groups.set(key, group = {key, size: 0, time: 0, price: 0, aggressor: aggressor[i]})
    group.size += size[i]
    group.time += size[i] * (time[i] - begin)
    group.price += size[i] * price[i]
  }
  return [...groups.values()]
    .filter(({size}) => size > 0)
    .sort((a, b) => b.size - a.size || a.key - b.key)
    .slice(0, bubbles)
    .map(({size, time, price, aggressor}) => (
      {size, aggressor, time: begin + time / size, price: price / size + tick / 2}
    ))
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Bubble[]} bubbles the largest first
 * @param {Pick<Plot, "x" | "y" | "width" | "height">} plot
 * @param {Record<string, string>} colours
 */
export function drawBubbles(ctx, bubbles, plot, colours) {
  const [, largest] = bubbleRoom(plot.width, plot.height)
  for (const {size, aggressor, time, price} of bubbles) {
    ctx.beginPath()
    ctx.arc(plot.x(time), plot.y(price), Math.max(largest * Math.sqrt(size / bubbles[0].size), LEAST), 0, 2 * Math.PI)
    ctx.globalAlpha = FACE_ALPHA
    ctx.fillStyle = colours[["unsigned", "buy", "sell"][aggressor]]
    ctx.fill()
    ctx.globalAlpha = 1
    ctx.strokeStyle = colours[["unsigned-rim", "buy-rim", "sell-rim"][aggressor]]
    ctx.lineWidth = RIM_WIDTH
    ctx.stroke()
  }
}
