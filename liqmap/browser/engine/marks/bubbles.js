// Traded volume as bubbles, as liqmap.render.marks.overlays has it, and below them a speck for every trade where there are
// more.

import {firstFrom} from "../book/search.js"
import {rint, short} from "../numbers.js"
import {BUBBLES, CELL_PIXELS, COVER, FACE_ALPHA, SIZE_KEY, LARGEST, LEAST, RIM_WIDTH, ROOM} from "../rules.js"
import {exact, price as priceWords} from "../words/words.js"
import {Specks} from "./specks.js"

/** @typedef {import("./marks.js").Scene} Scene */
/** @typedef {import("../chart/plot.js").Plot} Plot */
/** @typedef {{size: number, aggressor: number, time: number, price: number, count: number}} Bubble */

const FACES = ["unsigned", "buy", "sell"]

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
  specks.draw(ctx, trades, shown.length > largest.length ? shown : new Int32Array(), plot, market.tick, colours)
  return largest
}

/** @param {Bubble[]} found @param {Scene} scene @returns {import("./marks.js").Entry[]} */
function tradesLegend(found, {market, plot}) {
  if (!found.length) return []
  const {size} = found[0], radii = radiiOf(SIZE_KEY.map(part => ({size: part * size})), plot, found)
  return [
    {word: "buys", colour: "buy"}, {word: "sells", colour: "sell"},
    {word: market.units.size, discs: SIZE_KEY.map((part, k) => ({radius: radii[k], word: short(part * size)}))},
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
  const first = firstFrom(time, begin), shown = new Int32Array(firstFrom(time, end, first) - first)
  let count = 0
  for (let i = first; i < first + shown.length; i++) {
    if (price[i] >= low && price[i] <= high && size[i] >= least) shown[count++] = i
  }
  return shown.subarray(0, count)
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
 * @param {Int32Array} shown
 * @param {Pick<Plot, "times" | "prices" | "width" | "height">} plot
 * @param {Pick<import("../chart/chart.js").Market, "base" | "tick">} market
 * @returns {Bubble[]}
 */
export function bubblesOf(trades, shown, plot, {base, tick}) {
  const [bubbles] = bubbleRoom(plot.width, plot.height), begin = plot.times[0]
  const volumes = shown.length > bubbles ? squaresOf(trades, shown, plot, base) : singlesOf(trades, shown, begin)
  return volumes
    .filter(({size}) => size > 0)
    .sort((a, b) => b.size - a.size || a.key - b.key)
    .slice(0, bubbles)
    .map(({size, time, price, aggressor, count}) => (
      {size, aggressor, count, time: begin + time / size, price: price / size + tick / 2}
    ))
}

/**
 * Sums of one or several trades: their sizes, and times since the beginning and prices, weighed by them.
 * @typedef {Bubble & {key: number}} Volume
 */

/**
 * @param {import("../book/decode.js").Trades} trades
 * @param {Int32Array} shown
 * @param {number} begin
 * @returns {Volume[]}
 */
function singlesOf({time, price, size, aggressor}, shown, begin) {
  return Array.from(shown, i => (
    {key: i, size: size[i], time: size[i] * (time[i] - begin), price: size[i] * price[i], count: 1, aggressor: aggressor[i]}
  ))
}

/**
 * The same of the trades of one aggressor in one square: sums in arrays, as there may be a million trades.
 * @param {import("../book/decode.js").Trades} trades
 * @param {Int32Array} shown
 * @param {Pick<Plot, "times" | "prices" | "width" | "height">} plot
 * @param {string} base
 * @returns {Volume[]}
 */
function squaresOf({time, price, size, aggressor}, shown, {times: [begin, end], prices: [low, high], width, height}, base) {
  const wide = Math.max(1, Math.floor((end - begin) * CELL_PIXELS / Math.round(width)))
  const tall = (high - low) * CELL_PIXELS / Math.round(height)
  const past = Number(BigInt(base) % BigInt(wide)), before = Math.floor((begin + past) / wide)
  const first = Math.floor(low / tall), rows = Math.floor(high / tall) - first + 1
  const columns = Math.floor((end + past) / wide) - before + 1, keys = 3 * columns * rows
  const sizes = new Float64Array(keys), moments = new Float64Array(keys), prices = new Float64Array(keys)
  const counts = new Int32Array(keys), found = []
  for (let k = 0; k < shown.length; k++) {
    const i = shown[k], square = (Math.floor((time[i] + past) / wide) - before) * rows + Math.floor(price[i] / tall) - first
    const key = square * 3 + aggressor[i]
    if (counts[key]++ == 0) found.push(key)
    sizes[key] += size[i]
    moments[key] += size[i] * (time[i] - begin)
    prices[key] += size[i] * price[i]
  }
  return found.map(key => (
    {key, size: sizes[key], time: moments[key], price: prices[key], count: counts[key], aggressor: key % 3}
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
 * The largest first, so that of two in one place, such as those of both sides of a square, the larger lies below; and the
 * one above hides it, so that each has its own colour.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Bubble[]} bubbles the largest first
 * @param {Plot} plot
 * @param {Record<string, string>} colours
 */
export function drawBubbles(ctx, bubbles, plot, colours) {
  const radii = radiiOf(bubbles, plot)
  const discs = bubbles.map(({time, price}, k) => ({x: plot.x(time), y: plot.y(price), radius: radii[k]}))
  bubbles.forEach(({aggressor}, k) => {
    const {x, y, radius} = discs[k]
    ctx.save()
    for (const disc of discs.slice(k + 1)) {
      if (Math.hypot(disc.x - x, disc.y - y) < disc.radius + radius + RIM_WIDTH) clipOut(ctx, plot, disc)
    }
    ctx.beginPath()
    ctx.arc(x, y, radius, 0, 2 * Math.PI)
    ctx.globalAlpha = FACE_ALPHA
    ctx.fillStyle = colours[FACES[aggressor]]
    ctx.fill()
    ctx.globalAlpha = 1
    ctx.strokeStyle = colours[`${FACES[aggressor]}-rim`]
    ctx.lineWidth = RIM_WIDTH
    ctx.stroke()
    ctx.restore()
  })
}

/**
 * Draw nothing within a disc.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Plot} plot
 * @param {{x: number, y: number, radius: number}} disc
 */
function clipOut(ctx, {left, top, width, height}, {x, y, radius}) {
  ctx.beginPath()
  ctx.rect(left - LARGEST, top - LARGEST, width + 2 * LARGEST, height + 2 * LARGEST)
  ctx.moveTo(x + radius, y)
  ctx.arc(x, y, radius, 0, 2 * Math.PI)
  ctx.clip("evenodd")
}
