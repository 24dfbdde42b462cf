// The footprint of a page over its heatmap, as liqmap.render.marks.overlays.footprint has it: cells, marks, rims, numbers.

import {short} from "../numbers.js"
import {FOOTPRINT} from "../rules.js"
import {drawShapes} from "../shapes/draw.js"
import {hitOf} from "../shapes/hit.js"
import {readoutLines} from "../shapes/mark.js"
import {clock, duration, exact, price} from "../words/words.js"
import {footprintOf, roomOf} from "./footprint.js"

/** @typedef {import("./marks.js").Scene} Scene */
/** @typedef {import("./footprint.js").Cell} Cell */
/** @typedef {import("./footprint.js").Room} Room */
/** @typedef {import("../shapes/decode.js").Shape} Shape */

/**
 * What Python says of the trades that a page has: `perUnit` of which their sizes are whole numbers, null where they are of
 * none; `from` and `to` where others are left out, null where none are.
 * @typedef {{perUnit: number | null, from: number | null, to: number | null}} Counted
 *
 * @typedef {{room: Room | null, cells: Cell[], shapes: Shape[]}} Drawn
 */

/** @type {import("./marks.js").Mark<Drawn>} */
export const footprint = {
  name: "footprint",
  order: 35,
  needs: "footprint",
  make: () => {
    /** @type {Drawn | null} */
    let last = null
    return {
      draw(ctx, scene) {
        if (!scene.moving || !last) last = drawnOf(scene)
        drawShapes(ctx, last.shapes, scene.plot)
        return last
      },
      legend: ({room}, {market}) => legendOfRoom(room, market),
      readout: cellReadout,
    }
  },
}

/**
 * What a view shows.
 * @param {Pick<Scene, "plot" | "market" | "colours" | "data">} scene
 * @returns {Drawn}
 */
export function drawnOf({plot, market, colours, data: {trades, footprint: counted}}) {
  const room = roomOf(plot, market.tick)
  if (!room) return {room, cells: [], shapes: [hintOf(plot, colours)]}
  const found = footprintOf(trades, room, plot.times, {tick: market.tick, ...counted})
  const {cells} = found, places = placesOf(cells, plot, room, market), {left, right, low, high} = places
  const shapes = [
    boxesOf([left, low, right, high], shadesOf(cells), tonesOf(colours), FOOTPRINT.opacity[room.numbers ? 1 : 0]),
    marksOf(cells, places, plot, room, colours),
    ...room.numbers ? [rimsOf(found.busiest, plot, room, market, colours), ...numbersIn(cells, places, room, colours)] : [],
  ]
  return {room, cells, shapes}
}

/** @returns {import("../shapes/decode.js").BoxesShape} */
function boxesOf([x0, y0, x1, y1], colour, colours, alpha = 1, rim = 0) {
  return {kind: "boxes", x0, y0, x1, y1, colour: Uint8Array.from(colour), colours, alpha, rim, told: null}
}

/** Where cells lie, ns and prices. */
function placesOf(cells, plot, {step, ticks}, {tick, places}) {
  const inset = insetOf(plot, step), column = of => Float64Array.from(cells, of)
  const low = column(({row}) => Number((row * ticks * tick).toFixed(places)))
  return {
    left: column(({time}) => time + inset), right: column(({time}) => time + step - inset),
    low, high: low.map(edge => edge + ticks * tick),
  }
}

/** ns that a bar keeps clear at either side. */
function insetOf(plot, step) {
  return Math.floor(Math.min(FOOTPRINT.gap * pixelOf(plot) / 2, step * 0.1))
}

/** ns of a pixel. */
function pixelOf({times: [begin, end], width}) {
  return (end - begin) / Math.max(Math.round(width), 1)
}

/** @param {Record<string, string>} colours */
function tonesOf(colours) {
  return Array.from({length: 2 * FOOTPRINT.shades + 1}, (_, k) => colours[`footprint-${k}`])
}

/** The colour of each cell: of its delta, the stronger the larger that is beside the view's largest. @param {Cell[]} cells */
function shadesOf(cells) {
  const deltas = cells.map(({buys, sells}) => buys - sells), most = deltas.reduce((high, delta) => Math.max(high, Math.abs(delta)), 0) || 1
  return deltas.map(delta => {
    const shade = Math.min(Math.floor(Math.sqrt(Math.abs(delta) / most) * FOOTPRINT.shades), FOOTPRINT.shades - 1)
    return delta > 0 ? 1 + shade : delta < 0 ? 1 + FOOTPRINT.shades + shade : 0
  })
}

/** A mark at the edge of a cell whose buys, or sells, are an imbalance; wider where they are stacked. */
function marksOf(cells, {left, right, low, high}, plot, {step, numbers}, colours) {
  const {mark, stacked, stack} = FOOTPRINT, pixel = pixelOf(plot), corners = [[], [], [], []], sides = []
  for (const [side, of] of ["buyStack", "sellStack"].entries()) {
    for (const [k, cell] of cells.entries()) {
      if (!cell[of]) continue
      const wide = Math.floor(Math.min(numbers ? (cell[of] >= stack ? stacked : mark) * pixel : pixel, step / 4))
      const [from, to] = side == 0 ? [right[k] - wide, right[k]] : [left[k], left[k] + wide]
      ;[from, low[k], to, high[k]].forEach((v, i) => corners[i].push(v))
      sides.push(side)
    }
  }
  return boxesOf(corners.map(column => Float64Array.from(column)), sides, [colours["buy-rim"], colours["sell-rim"]])
}

/** The rim of each bar's busiest row. */
function rimsOf(busiest, plot, room, market, colours) {
  const {left, right, low, high} = placesOf(busiest, plot, room, market)
  return boxesOf([left, low, right, high], busiest.map(() => 0), [colours.text], 0, FOOTPRINT.rim)
}

/**
 * What was sold, into bids, left of the middle, and bought, right of it, as platforms write bid x ask; imbalances in the
 * colour of their side.
 * @returns {import("../shapes/decode.js").WordsShape[]}
 */
function numbersIn(cells, {left, right, low, high}, {step}, colours) {
  const middle = k => Math.floor((left[k] + right[k]) / 2), apart = Math.floor(step * FOOTPRINT.apart)
  const made = (some, text, colour, align, by) => ({
    kind: /** @type {const} */ ("words"), x: Float64Array.from(some, k => middle(k) + by), y: Float64Array.from(some, k => (low[k] + high[k]) / 2),
    text: some.map(text), colour, align, ground: null, small: true,
  })
  const every = [...cells.keys()], words = [made(every, () => FOOTPRINT.times, colours.muted, "centre", 0)]
  for (const [size, stack, align, by] of [["buys", "buyStack", "left", apart], ["sells", "sellStack", "right", -apart]]) {
    const bright = colours[size == "buys" ? "buy-rim" : "sell-rim"], text = k => short(cells[k][size])
    words.push(made(every.filter(k => !cells[k][stack]), text, colours.text, align, by))
    words.push(made(every.filter(k => cells[k][stack]), text, bright, align, by))
  }
  return words
}

/** At the upper left what is missing. @returns {import("../shapes/decode.js").WordsShape} */
function hintOf({times: [begin, end], prices: [low, high], width, height}, colours) {
  const [right, down] = FOOTPRINT.hint
  return {
    kind: "words", x: Float64Array.of(begin + (end - begin) * right / width), y: Float64Array.of(high - (high - low) * down / height),
    text: [FOOTPRINT.zoom], colour: colours.muted, align: "left", ground: colours.background, small: false,
  }
}

/** @param {Room | null} room @param {Pick<Scene["market"], "tick" | "units">} market @returns {import("./marks.js").Entry[]} */
export function legendOfRoom(room, {tick, units}) {
  if (!room) return [{word: FOOTPRINT.zoom}]
  const rows = `${exact(room.ticks * tick)} ${units.price}`.trimEnd()
  return [
    {word: `footprint, ${duration(room.step)} ${FOOTPRINT.times} ${rows}`},
    {word: room.numbers ? `sold ${FOOTPRINT.times} bought` : "zoom in for numbers"},
    {word: "delta: buys", colour: "buy"}, {word: "delta: sells", colour: "sell"},
  ]
}

/**
 * What a cell says of itself.
 * @param {Drawn} drawn
 * @param {Scene} scene
 * @param {number[]} at
 */
function cellReadout({room, cells, shapes}, scene, at) {
  if (!room) return null
  const [boxes] = /** @type {import("../shapes/decode.js").BoxesShape[]} */ (shapes)
  const found = hitOf([{...boxes, told: {names: [], words: []}}], scene.plot, at)
  return found && readoutLines(cellWords(cells[found.item], room, scene), boxes.colours[boxes.colour[found.item]])
}

/**
 * Names and words.
 * @param {Cell} cell
 * @param {Room} room
 * @param {Pick<Scene, "market" | "zone">} scene
 * @returns {[string, string][]}
 */
export function cellWords({time, row, buys, sells, buyStack, sellStack}, {ticks}, {market: {tick, places, units, baseSeconds}, zone}) {
  const [first, last] = [row * ticks, (row + 1) * ticks - 1].map(at => price(at * tick, places))
  const said = (word, rows) => rows ? [`of ${word}${rows >= FOOTPRINT.stack ? `, ${rows} stacked` : ""}`] : []
  return [
    ["", `${clock(baseSeconds, time, 1e9, zone).time}  ${first == last ? first : `${first} – ${last}`}`],
    [`bought${units.size ? `, ${units.size}` : ""}`, exact(buys)], ["sold", exact(sells)], ["delta", exact(buys - sells)],
    ["imbalance", [...said("buys", buyStack), ...said("sells", sellStack)].join(" and ") || "none"],
  ]
}
