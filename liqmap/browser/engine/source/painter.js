// Pictures of a book, and what they tell: no host, no document.

import {appendToBook} from "../book/append.js"
import {decodeBook} from "../book/decode.js"
import {unpack} from "../book/unpack.js"
import {shareOf} from "../colour/front.js"
import {Shader} from "../colour/pixels.js"
import {frameSizes, scaleBetween} from "../colour/scale.js"
import {Ahead} from "../raster/ahead.js"
import {Blocks} from "../raster/coarse.js"
import {columnOf} from "../raster/columns.js"
import {Frames, drawGrid} from "../raster/frame.js"
import {priceRows, timeColumns} from "../raster/lattice.js"
import {carryOf} from "../raster/weight.js"
import {SHARE} from "../rules.js"
import {tellCell} from "./cell.js"

/** @typedef {import("./source.js").Ask} Ask */
/** @typedef {import("./source.js").Picture} Picture */
/** @typedef {import("../raster/frame.js").Frame} Frame */

/**
 * @typedef {object} Contents spans as Python packs them
 * @property {string | ArrayBuffer} data gzip, or base64 of it
 * @property {import("../book/decode.js").Header} header
 * @property {number} tick
 * @property {Record<string, number[]>} sizes of the session at `RANKS`, by aggregate
 */

/**
 * @typedef {object} Appended what has come since, as Python packs it
 * @property {string | ArrayBuffer} data gzip, or base64 of it
 * @property {import("../book/append.js").Header} header
 * @property {Record<string, number[]>} [sizes] of the session now
 */

export class Painter {
  #ahead = new Ahead()
  #blocks
  #frames
  #shares
  #shader = new Shader()
  /** @type {Record<string, number[]>} */
  #sizes = {}
  /** The picture last drawn. @type {{frame: Frame, scale: import("../colour/scale.js").Scale, ask: Ask} | null} */
  #last = null

  /**
   * @param {import("../book/decode.js").Book} book
   * @param {number} tick
   * @param {Record<string, number[]>} sizes
   * @param {Blocks} [blocks] of the same book, where there are some
   */
  constructor(book, tick, sizes, blocks) {
    this.book = book
    this.tick = tick
    this.sizes = sizes
    this.#blocks = blocks ?? new Blocks(book, this.#ahead)
    this.#frames = new Frames(book, this.#blocks, this.#ahead)
    this.#shares = new Frames(book, this.#blocks)
  }

  /** @param {Contents} contents */
  static async of({data, header, tick, sizes}) {
    return new Painter(decodeBook(await unpack(data), header), tick, sizes)
  }

  /** Sizes of the session at `RANKS`, by aggregate; as float32 has them. */
  get sizes() {
    return this.#sizes
  }

  set sizes(sizes) {
    this.#sizes = Object.fromEntries(Object.entries(sizes).map(([agg, some]) => [agg, some.map(Math.fround)]))
  }

  /**
   * Grows the book by what has come since: what painters beside this one draw, too.
   * @param {Uint8Array} bytes
   * @param {import("../book/append.js").Header} header
   */
  append(bytes, header) {
    const come = appendToBook(this.book, bytes, header)
    this.#blocks.settle()
    this.giveUp()
    return come
  }

  /** What is done ahead of a book that has changed since is of no use. */
  giveUp() {
    this.#ahead.giveUp()
  }

  /** Another view's, of the same book. */
  beside() {
    return new Painter(this.book, this.tick, this.sizes, this.#blocks)
  }

  /** What is drawn over pictures. */
  get data() {
    const {sides, trades} = this.book
    return {trades, touch: sides.map(({quote}) => quote)}
  }

  /** @param {Ask} ask @returns {Picture & {blocks: number | null, ms: number}} */
  frame(ask) {
    const began = performance.now(), {tick} = this
    const {view: [begin, end, low, high], size: [width, height], agg} = ask
    const edges = timeColumns(begin, end, width), rows = priceRows(low, high, height, tick, ask.rowTicks)
    const frame = this.#frames.draw(edges, rows, ask)
    const sizes = ask.stable ? this.#sizes[agg] : frameSizes(frame), scale = scaleBetween(sizes, ask)
    const {pixels, lit} = this.#shader.shade(frame, scale, ask)
    this.#last = {frame, scale, ask}
    this.#blocks.wish(agg, edges, rows)
    return {
      image: {pixels, width: edges.length - 1, height: rows.length - 1},
      bounds: [edges[0], edges[edges.length - 1], rows[0] * tick, rows[rows.length - 1] * tick],
      steps: [edges[1] - edges[0], rows[1] - rows[0]],
      scale: {low: scale.low, high: scale.high, sizes: [0, 0.5, 1].map(scale.size)},
      sizes,
      share: this.#share(ask, scale),
      lit,
      last: this.book.last,
      blocks: this.#blocks.sidesFor(agg, edges, rows).count ?? null,
      ms: performance.now() - began,
    }
  }

  /**
   * The share of the liquidity drawn in a view that is carried: on cells of its own, as every face has it.
   * @param {Ask} ask
   * @param {import("../colour/scale.js").Scale} scale
   */
  #share(ask, scale) {
    const [begin, end, low, high] = ask.view
    const edges = timeColumns(begin, end, SHARE[0]), rows = priceRows(low, high, SHARE[1], this.tick)
    return shareOf(this.#shares.draw(edges, rows, ask), scale, ask)
  }

  /** The cell at a place of the picture last drawn. @param {{time: number, price: number}} at */
  cell({time, price}) {
    if (!this.#last) return null
    const {frame, scale, ask} = this.#last, {columns, rows} = frame, {edges, count} = columns
    const ticks = Math.floor(price / this.tick + 1e-9)
    if (time < edges[0] || time >= edges[count] || ticks < rows[0] || ticks >= rows[rows.length - 1]) return null
    const r = Math.floor((ticks - rows[0]) / (rows[1] - rows[0])), carrying = carryOf(ask)
    return tellCell(this.book, frame, columnOf(time, columns), r, ask, scale, carrying)
  }

  /** Once all that is done ahead is done. */
  async rested() {
    while (!this.#ahead.done) await new Promise(done => setTimeout(done, 5))
  }

  /** The numbers of the picture last drawn. */
  drawn() {
    const {columns, rows, cells} = this.#last.frame
    return {edges: columns.edges, rows, liquidity: cells.map(c => c.liquidity), state: cells.map(c => c.state)}
  }

  /** Of any cells. @param {{edges: number[], rows: number[]} & Pick<Ask, "halfLife" | "prune" | "carry" | "agg">} ask */
  grid({edges, rows, ...choice}) {
    const {cells} = drawGrid(this.book, Float64Array.from(edges), Float64Array.from(rows), choice)
    return {liquidity: cells.map(c => c.liquidity), state: cells.map(c => c.state)}
  }
}
