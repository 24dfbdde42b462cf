// A chart: a view of one market in an element of its host, drawn with the pixels of a source.

import {coloursOf} from "../colour/ramp.js"
import {MARKS} from "../marks/marks.js"
import {cellRows} from "../words/cell.js"
import {drawAxes, drawGridLines} from "./axes.js"
import {Gestures} from "./gestures.js"
import {LastImage} from "./image.js"
import {Latest} from "./latest.js"
import {Layers, within} from "./layers.js"
import {isInside, plotOf} from "./plot.js"
import {drawPointer} from "./pointer.js"
import {Tooltip} from "./tooltip.js"
import {limited} from "./view.js"

/**
 * @typedef {object} Market
 * @property {number} tick
 * @property {number} places decimals of the tick
 * @property {{size: string, price: string}} units
 * @property {number | "price" | null} worth of a unit of size in quote currency
 * @property {string} base ns from the epoch to the UTC day that times are counted from
 * @property {number} baseSeconds the same in s
 * @property {number} last until when the book was told, ns
 *
 * @typedef {object} Choice what users choose
 * @property {number | null} halfLife ns
 * @property {number | null} prune ns
 * @property {"peak" | "mean" | "last"} agg
 * @property {number[] | null} cutoffs
 * @property {number[] | null} limits
 * @property {string} scaling
 * @property {boolean} stable
 * @property {number} minSize
 * @property {boolean} bids
 * @property {boolean} asks
 * @property {string} carriedShown
 * @property {number} carried
 * @property {string} palette
 * @property {string} theme
 * @property {boolean} box whether dragging draws a box to zoom to
 *
 * @typedef {object} Given what a chart is made of
 * @property {import("../source/source.js").Source} source
 * @property {Market} market
 * @property {Record<string, import("../colour/ramp.js").ThemeTables>} themes
 * @property {Choice & Record<string, any>} choice which marks are on as well, by name
 * @property {import("./plot.js").View} whole the farthest view
 * @property {import("./plot.js").View} [view] that it opens with
 * @property {import("../marks/marks.js").Mark<any>[]} [marks]
 */

/**
 * Tells its host by events: `choice` and `view` when they change, `picture` when one is drawn, `marks` when what lies
 * over it is, `error` (with `detail`) when the source fails.
 */
export class Chart extends EventTarget {
  /** What is drawn over pictures, by name; nothing until the source is open. @type {Record<string, any> | null} */
  data = null
  /** What the marks that are on tell of the view, by name. @type {Record<string, any>} */
  told = {}
  #image = new LastImage()
  #frames = new Latest(() => this.#drawNext())
  #cells = new Latest(() => this.#tellCell())
  /** @type {number[] | null} */
  #hovered = null
  #drawing = false
  #marks

  /** @param {HTMLElement} host @param {Given} given */
  constructor(host, {source, market, themes, choice, whole, view = whole, marks = MARKS}) {
    super()
    this.source = source
    this.market = market
    this.themes = themes
    this.choice = {...choice}
    this.whole = whole
    this.view = limited(view, whole, market.tick)
    this.#marks = marks.toSorted((a, b) => a.order - b.order).map(mark => ({mark, layer: mark.make()}))
    this.root = Object.assign(document.createElement("div"), {className: "liqmap-chart", tabIndex: 0})
    this.root.setAttribute("role", "application")
    this.root.setAttribute("aria-label", "heatmap: arrow keys pan, plus and minus zoom, 0 resets the view")
    host.prepend(this.root)
    this.layers = new Layers(this.root)
    this.tooltip = new Tooltip(this.root)
    this.gestures = new Gestures(this, this.layers.pointer)
    this.dress()
    this.#resized = new ResizeObserver(() => this.fit())
    this.#resized.observe(this.root)
  }

  #resized

  /** Opens the source and draws the first picture. */
  async open() {
    this.data = await this.source.open()
    this.requestDraw()
    await this.#frames.ask()
  }

  close() {
    this.#resized.disconnect()
    this.gestures.close()
    this.root.remove()
    this.source.close()
  }

  /** What is known of the picture last drawn, without its pixels. */
  get picture() {
    return this.#image.picture
  }

  /** Where the view lies. */
  get plot() {
    return plotOf(this.view, this.layers.size)
  }

  get theme() {
    return this.themes[this.choice.theme]
  }

  /** The colours that pixels take, as they are chosen. */
  get colours() {
    return coloursOf(this.theme, this.choice)
  }

  /** What marks are drawn over. @returns {import("../marks/marks.js").Scene} */
  get scene() {
    return {plot: this.plot, market: this.market, colours: this.theme.css, data: this.data ?? {}}
  }

  /** What legends say of each mark, in view now. */
  get legend() {
    const {scene} = this
    return this.#marks.map(({mark: {name}, layer}) => (
      {name, entries: name in this.told ? layer.legend(this.told[name], scene) : []}
    ))
  }

  /** Takes some choices, and redraws what they change. @param {Partial<Given["choice"]>} some */
  choose(some) {
    Object.assign(this.choice, some)
    const names = this.#marks.map(({mark}) => mark.name), changed = Object.keys(some)
    if (changed.includes("theme")) this.dress()
    this.#tell("choice")
    if (changed.some(name => name == "theme" || names.includes(name))) this.requestDraw()
    if (changed.some(name => name != "box" && !names.includes(name))) this.refresh()
  }

  /** @param {import("./plot.js").View} view as near to it as may be */
  setView(view) {
    this.view = limited(view, this.whole, this.market.tick)
    this.refresh()
    this.requestDraw()
    this.#tell("view")
  }

  /** Asks for a picture of what is chosen now. */
  refresh() {
    if (this.data) this.#frames.ask().catch(error => this.#fail(error))
  }

  /** Draws all but a new picture, with the next frame of the browser. */
  requestDraw() {
    if (this.#drawing) return
    this.#drawing = true
    requestAnimationFrame(() => {
      this.#drawing = false
      this.drawPicture()
      this.drawLines()
    })
  }

  /** As large as its host has it now. */
  fit() {
    this.layers.fit(this.root)
    this.drawPicture()
    this.drawLines()
    this.refresh()
  }

  /** Once everything chosen so far is painted. */
  async painted() {
    await this.#frames.answered
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)))
  }

  drawPicture() {
    this.#image.draw(this.layers.cleared(this.layers.picture), this.plot)
  }

  /** What does not depend on half-life and prune. */
  drawLines() {
    const ctx = this.layers.cleared(this.layers.lines), {scene, market} = this, {plot, colours, data} = scene
    this.told = {}
    within(ctx, plot, () => {
      drawGridLines(ctx, plot, market, colours)
      for (const {mark: {name, needs}, layer} of this.#marks) {
        if (this.choice[name] && data[needs]) this.told[name] = layer.draw(ctx, scene)
      }
    })
    drawAxes(ctx, plot, market, colours)
    this.#tell("marks")
  }

  /** @param {number[] | null} at */
  drawPointer(at) {
    drawPointer(this.layers.cleared(this.layers.pointer), this.scene, at, this.gestures.box)
  }

  /** The colours of the theme, for all in the chart. */
  dress() {
    for (const [name, colour] of Object.entries(this.theme.css)) this.root.style.setProperty(`--${name}`, colour)
  }

  /** The pointer is at a place: say what lies there. @param {number[]} at */
  hover(at) {
    this.#hovered = at
    this.#cells.ask().catch(error => this.#fail(error))
  }

  /** The pointer is elsewhere. */
  forget() {
    this.#hovered = null
    this.tooltip.hide()
  }

  async #drawNext() {
    const {choice, view, plot, layers, colours} = this
    this.#image.keep(await this.source.frame({
      ...choice, view, shown: [choice.bids, choice.asks], palette: colours,
      size: [plot.width, plot.height].map(length => Math.round(length * layers.pixelRatio)),
    }))
    this.drawPicture()
    this.#tell("picture")
    if (this.#hovered) this.hover(this.#hovered)
  }

  async #tellCell() {
    const at = this.#hovered, {plot} = this
    if (!at) return
    const cell = isInside(plot, at) ? await this.source.cell({time: plot.time(at[0]), price: plot.price(at[1])}) : null
    if (!cell || !this.#hovered) return this.tooltip.hide()
    const {bars} = this.theme.palettes[this.choice.palette]
    this.tooltip.show(at, cellRows(cell, this.market, this.choice.agg), cell.side === null ? null : bars[cell.side], plot)
  }

  /** @param {string} name */
  #tell(name) {
    this.dispatchEvent(new Event(name))
  }

  /** @param {unknown} error */
  #fail(error) {
    this.dispatchEvent(new CustomEvent("error", {detail: error}))
  }
}
