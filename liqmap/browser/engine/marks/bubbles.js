// Traded volume as bubbles, as liqmap.render.marks.overlays has it, and below them a speck for every trade where there are
// more.

import {firstFrom} from "../book/search.js"
import {rint, short} from "../numbers.js"
import {BUBBLES, CELL_PIXELS, COVER, FACE_ALPHA, LARGEST, LEAST, RIM_WIDTH, ROOM} from "../rules.js"
import {exact, price as priceWords} from "../words/words.js"
import {Specks} from "./specks.js"

/** @typedef {import("./marks.js").Scene} Scene */
/** @typedef {import("../chart/plot.js").Plot} Plot */
/** @typedef {{size: number, aggressor: number, time: number, price: number, count: number}} Bubble */

const FACES = ["unsigned", "buy", "sell"]

/** Parts of the largest size whose discs a legend shows. */
const KEY = [1, 1 / 4, 1 / 16]

/** @type {import("./marks.js").Mark<Bubble[]>} */
export const bubbles = {
  name: "bubbles",
  order: 40,
  needs: "trades",
  make: () => {
    const specks = new Specks()
    /** @type {{trades: any, largest: Bubble[]} | null} */
    let last = null
    return {
      draw(ctx, scene) {
        const {data: {trades}, plot, colours} = scene
        if (scene.moving && last?.trades == trades) specks.drawAgain(ctx, plot)
        else last = {trades, largest: drawSpecks(ctx, scene, specks)}
        drawBubbles(ctx, last.largest, plot, colours)
        return last.largest
      },
      legend: tradesLegend,
      readout: bubbleAt,
    }
  },
}

/**
 * A speck for every trade of a view, where there are more than bubbles; gives the bubbles.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Scene} scene
 * @param {Specks} specks
 */
function drawSpecks(ctx, {data: {trades}, plot, market, colours, asked}, specks) {
  const shown = tradesIn(trades, plot, asked.minTrade), largest = bubblesOf(trades, shown, plot, market)
  specks.draw(ctx, trades, shown.length > largest.length ? shown : [], plot, market.tick, colours)
  return largest
}

/** @param {Bubble[]} found @param {Scene} scene @returns {import("./marks.js").Entry[]} */
function tradesLegend(found, {market, plot}) {
  if (!found.length) return []
  const {size} = found[0], radii = radiiOf(KEY.map(part => ({size: part * size})), plot, found)
  return [
    {word: "buys", colour: "buy"}, {word: "sells", colour: "sell"},
    {word: market.units.size, discs: KEY.map((part, k) => ({radius: radii[k], word: short(part * size)}))},
  ]
}

/**
 * What a bubble says of itself: the one on top, which is the smallest.
 * @param {Bubble[]} found
 * @param {Scene} scene
 * @param {number[]} at
 */
export function bubbleAt(found, {plot, market, colours}, [x, y]) {
  const radii = radiiOf(found, plot)
  const k = found.findLastIndex(({time, price}, k) => Math.hypot(plot.x(time) - x, plot.y(price) - y) <= radii[k] + 1)
  if (k < 0) return null
  const {size, aggressor, count, price} = found[k], told = priceWords(price - market.tick / 2, market.places)
  const trades = count == 1 ? `one trade at ${told}` : `${count.toLocaleString("en-US")} trades, VWAP ${told}`
  const side = ["trade", "buy", "sell"][aggressor]
  return [{words: `${side} ${exact(size)} ${market.units.size}, ${trades}`, colour: colours[FACES[aggressor]]}]
}

/**
 * The trades in view.
 * @param {import("../book/decode.js").Trades} trades
 * @param {Pick<Plot, "times" | "prices">} plot
 * @param {number} [least] size of those that are shown
 */
export function tradesIn({time, price, size}, {times: [begin, end], prices: [low, high]}, least = 0) {
  const shown = []
  for (let i = firstFrom(time, begin); i < time.length && time[i] < end; i++) {
    if (price[i] >= low && price[i] <= high && size[i] >= least) shown.push(i)
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
    if (!group) groups.set(key, group = {key, size: 0, time: 0, price: 0, count: 0, aggressor: aggressor[i]})
    group.count++
    group.size += size[i]
    group.time += size[i] * (time[i] - begin)
    group.price += size[i] * price[i]
  }
  return [...groups.values()]
    .filter(({size}) => size > 0)
    .sort((a, b) => b.size - a.size || a.key - b.key)
    .slice(0, bubbles)
    .map(({size, time, price, aggressor, count}) => (
      {size, aggressor, count, time: begin + time / size, price: price / size + tick / 2}
    ))
}

/**
 * Radii in pixels, area in proportion to size; smaller all together where they would cover too much of the picture.
 * @param {{size: number}[]} bubbles
 * @param {Pick<Plot, "width" | "height">} plot
 * @param {{size: number}[]} all that are drawn, the largest first
 */
export function radiiOf(bubbles, {width, height}, all = bubbles) {
  if (!all.length) return []
  const [, largest] = bubbleRoom(width, height), most = all[0].size
  const radius = ({size}) => Math.max(largest * Math.sqrt(size / most), LEAST)
  const area = Math.PI * all.reduce((sum, one) => sum + radius(one) ** 2, 0)
  const part = Math.min(1, Math.sqrt(COVER * width * height / area))
  return bubbles.map(one => part * radius(one))
}

/**
 * The largest first, so that of two in one place, such as those of both sides of a square, the larger lies below.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Bubble[]} bubbles the largest first
 * @param {Pick<Plot, "x" | "y" | "width" | "height">} plot
 * @param {Record<string, string>} colours
 */
export function drawBubbles(ctx, bubbles, plot, colours) {
  const radii = radiiOf(bubbles, plot)
  bubbles.forEach(({aggressor, time, price}, k) => {
    ctx.beginPath()
    ctx.arc(plot.x(time), plot.y(price), radii[k], 0, 2 * Math.PI)
    ctx.globalAlpha = FACE_ALPHA
    ctx.fillStyle = colours[FACES[aggressor]]
    ctx.fill()
    ctx.globalAlpha = 1
    ctx.strokeStyle = colours[`${FACES[aggressor]}-rim`]
    ctx.lineWidth = RIM_WIDTH
    ctx.stroke()
  })
}
