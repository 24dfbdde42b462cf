// A chart: a view of one market in an element of its host, drawn with the pixels of a source.

import {quoteWith, tradesWith} from "../book/append.js"
import {coloursOf} from "../colour/ramp.js"
import {MARKS} from "../marks/marks.js"
import {carryIn} from "../raster/auto_carry.js"
import {UNDER_CANDLES} from "../rules.js"
import {drawAxes, drawGridLines, ticksOf} from "./axes.js"
import {Gestures} from "./gestures.js"
import {Hover} from "./hover.js"
import {LastImage} from "./image.js"
import {KEYS_SAID} from "./keys.js"
import {Latest} from "./latest.js"
import {Layers, within} from "./layers.js"
import {Pace} from "./pace.js"
import {plotOf} from "./plot.js"
import {drawPointer} from "./pointer.js"
import {lastTag} from "./tags.js"
import {NEAREST, limited} from "./view.js"

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
 * @property {number | null | "auto"} halfLife ns; "auto" goes by what is in view
 * @property {number | null | "auto"} prune ns
 * @property {import("../raster/weight.js").Model | null} carry a model instead of the half-life, until one is chosen
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
 * @property {number | null} rowTicks ticks a row; null for as few as the pixels can show
 * @property {number} opacity of the heatmap, 0 to 1; whole, it makes way for candles
 * @property {string} timeZone IANA name, of all times shown
 * @property {number} minTrade the smallest trade that is drawn
 * @property {string[]} [alertsOf] conditions whose alerts a host lays over the picture
 * @property {"pan" | "zoom" | "measure"} tool what dragging does
 *
 * @typedef {object} Given what a chart is made of
 * @property {import("../source/source.js").Source} source
 * @property {Market} market
 * @property {Record<string, import("../colour/ramp.js").ThemeTables>} themes
 * @property {Partial<Choice> & Record<string, any>} choice which marks are on as well, by name
 * @property {import("./plot.js").View} whole the farthest view
 * @property {import("./plot.js").View} [view] that it opens with
 * @property {import("./plot.js").View | null} [first] that double-click, Home and 0 show; the whole where none is given
 * @property {Partial<Choice> & Record<string, any>} [overrides] what a host has fixed, whatever is chosen
 * @property {number | null} [until] ns that no view reaches beyond
 * @property {import("../marks/marks.js").Mark<any>[]} [marks]
 */

/** What is chosen where a host does not say. @type {Partial<Choice>} */
const USUAL = {carry: null, rowTicks: null, opacity: 1, timeZone: "UTC", minTrade: 0, tool: "pan"}

/** Choices that the pixels of a picture do not depend on, beside those of marks. */
const BESIDE = ["timeZone", "minTrade", "alertsOf", "tool"]

/**
 * Tells its host by events: `choice` and `view` when they change, `picture` when one is drawn, `marks` when what lies
 * over it is, `measure` when a measure is made or removed, `error` (with `detail`) when the source fails. What a host
 * sets while a hand holds the chart (`gestures.isHeld`), the hand goes on from.
 */
export class Chart extends EventTarget {
  /** What is drawn over pictures, by name; nothing until the source is open. @type {Record<string, any> | null} */
  data = null
  /** What the marks that are on tell of the view, by name. @type {Record<string, any>} */
  told = {}
  /** What was asked for the picture last drawn. @type {Record<string, any>} */
  drawnWith = {}
  /** @type {import("./measure.js").Measured | null} */
  measured = null
  #image = new LastImage()
  #frames
  #pace = new Pace(moving => {
    this.drawPicture()
    this.drawLines(moving)
  })
  /** @type {number[] | null} */
  #pointer = null
  /** @type {import("./plot.js").View | null} */
  #first = null
  /** @type {Partial<Choice> & Record<string, any>} */
  #overrides
  /** @type {{key: string, colours: import("../colour/ramp.js").Colours | null}} */
  #colours = {key: "", colours: null}
  #marks

  /** @param {HTMLElement} host @param {Given} given */
  constructor(host, {source, market, themes, choice, whole, view = whole, first = null, overrides = {}, until = null, marks = MARKS}) {
    super()
    this.source = source
    this.#frames = new Latest(() => this.#drawNext(), source.ahead)
    this.market = market
    this.themes = themes
    this.choice = /** @type {Choice & Record<string, any>} */ ({...USUAL, ...choice})
    this.whole = whole
    this.until = until
    this.view = limited(view, this.reach, market.tick)
    this.#first = first
    this.#overrides = overrides
    this.#marks = marks.toSorted((a, b) => a.order - b.order).map(mark => ({mark, layer: mark.make()}))
    this.root = Object.assign(document.createElement("div"), {className: "liqmap-chart", tabIndex: 0})
    this.root.setAttribute("role", "application")
    this.root.setAttribute("aria-label", `heatmap: ${KEYS_SAID}`)
    host.prepend(this.root)
    this.layers = new Layers(this.root)
    this.#hover = new Hover(this, error => this.#fail(error))
    this.gestures = new Gestures(this, this.layers.pointer)
    this.dress()
    this.#resized = new ResizeObserver(() => this.fit())
    this.#resized.observe(this.root)
  }

  #resized
  #hover

  /** Opens the source and draws the first picture. */
  async open() {
    this.data = await this.source.open()
    this.layers.fit(this.root)  // where it has been laid out by now, the first picture is as large as it will be
    this.requestDraw()
    await this.#frames.ask()
  }

  close() {
    this.#pace.close()
    this.#resized.disconnect()
    this.gestures.close()
    this.root.remove()
    this.source.close()
  }

  /** What is known of the picture last drawn, without its pixels. */
  get picture() {
    return this.#image.picture
  }

  /** The pixels of the picture last drawn, the highest price first; null before there is one. */
  get pixels() {
    return this.#image.pixels
  }

  /** What says what is under the pointer. */
  get readout() {
    return this.#hover.readout
  }

  /** Where the view lies. */
  get plot() {
    return plotOf(this.view, this.layers.size)
  }

  get theme() {
    return this.themes[this.choice.theme]
  }

  /** The view that the button, a double click, Home and 0 show: the whole, unless a host sets another. */
  get first() {
    return this.#first ?? this.whole
  }

  set first(view) {
    this.#first = view
  }

  /** What a host has fixed, whatever is chosen. */
  get overrides() {
    return this.#overrides
  }

  set overrides(some) {
    this.#overrides = some
    this.requestDraw()
    this.refresh()
  }

  /** The farthest view now. @returns {import("./plot.js").View} */
  get reach() {
    const [begin, end, low, high] = this.whole
    return [begin, this.until === null ? end : Math.min(end, Math.max(this.until, begin + NEAREST)), low, high]
  }

  /** What a picture is asked for with: what is chosen, what a host has fixed, and what follows from the view. */
  get asked() {
    const chosen = {...this.choice, ...this.#overrides}, [begin, end] = this.view
    const shows = ({name, needs}) => chosen[name] && (needs != "trades" || this.data?.trades?.time.length > 0)
    const dims = chosen.opacity == 1 && this.#marks.some(({mark}) => mark.dims && shows(mark))
    const opacity = dims ? UNDER_CANDLES[this.theme.light ? "light" : "dark"] : chosen.opacity
    return {...chosen, ...carryIn(chosen, end - begin), opacity}
  }

  /** The colours that pixels take, as they are chosen. */
  get colours() {
    return this.#coloursOf(this.asked)
  }

  /** What marks are drawn over. @returns {import("../marks/marks.js").Scene} */
  get scene() {
    const {plot, market, data, until, asked} = this
    return {plot, market, colours: this.theme.css, data: data ?? {}, until, asked, zone: asked.timeZone, moving: false}
  }

  /** What legends say of each mark, in view now; of lines that several draw the topmost alone. */
  get legend() {
    const {scene} = this, said = new Set()
    const all = this.#marks.map(({mark: {name}, layer}) => (
      {name, entries: name in this.told ? layer.legend(this.told[name], scene) : []}
    ))
    for (const one of all.toReversed()) {
      one.entries = one.entries.filter(({key}) => !key || !said.has(key))
      for (const {key} of one.entries) said.add(key)
    }
    return all
  }

  /** Takes some choices, and redraws what they change. @param {Partial<Given["choice"]>} some */
  choose(some) {
    Object.assign(this.choice, "halfLife" in some ? {carry: null} : {}, some)
    const changed = Object.keys(some), plain = this.#marks.filter(({mark}) => !mark.dims).map(({mark}) => mark.name)
    const beside = [...BESIDE, ...plain]
    if (changed.includes("theme")) this.dress()
    this.#tell("choice")
    if (changed.some(name => name == "theme" || beside.includes(name) || this.#isMark(name))) this.requestDraw()
    if (changed.some(name => !beside.includes(name))) this.refresh()
  }

  /**
   * @param {import("./plot.js").View} view as near to it as may be
   * @param {{quiet?: boolean}} [how] quiet: nobody is told
   */
  setView(view, {quiet = false} = {}) {
    this.view = limited(view, this.reach, this.market.tick)
    this.refresh()
    this.requestDraw(true)
    if (!quiet) this.#tell("view")
  }

  /** Another farthest view. @param {import("./plot.js").View} whole */
  setWhole(whole) {
    this.whole = whole
    this.#stayWithin()
  }

  /** The time that no view reaches beyond, ns; null for none. @param {number | null} until */
  setUntil(until) {
    this.until = until
    this.#pace.askPlayed()
    this.#stayWithin()
  }

  /** Other data to be drawn over pictures, of some names. @param {Record<string, any>} some */
  setData(some) {
    this.data = {...this.data, ...some}
    this.requestDraw()
  }

  /**
   * What has come since the source was opened: the last picture is drawn anew with it.
   * @param {import("../book/append.js").Come} come as a source answers it
   * @param {import("./plot.js").View} [whole] the farthest view now
   */
  append({touch, trades, last}, whole) {
    this.market = {...this.market, last}
    if (whole) this.setWhole(whole)
    const {data} = this
    this.setData({touch: touch.map((come, s) => quoteWith(data.touch[s], come)), trades: tradesWith(data.trades, trades)})
    this.refresh()
  }

  /**
   * A measure of a box, or none.
   * @param {{times: [number, number], prices: [number, number]} | null} box from where a hand went to where
   * @param {boolean} [done] whether the hand has let go: then the source is asked what lies in it
   */
  setMeasure(box, done = false) {
    if (!box && !this.measured) return
    const measured = this.measured = box && {...box, more: ""}
    this.drawPointer(this.#pointer)
    this.#tell("measure")
    if (measured && done) this.#tellMeasure(measured).catch(error => this.#fail(error))
  }

  /** Asks for a picture of what is chosen now. */
  refresh() {
    if (this.data) this.#frames.ask().catch(error => this.#fail(error))
  }

  /**
   * Draws all but a new picture, with the next frame of the browser.
   * @param {boolean} [moved] whether nothing but the view has changed
   */
  requestDraw(moved = false) {
    this.#pace.ask(moved)
  }

  /** As large as its host has it now. */
  fit() {
    if (!this.layers.fit(this.root) && this.data) return
    this.drawPicture()
    this.drawLines()
    this.refresh()
  }

  /** Once everything chosen so far is painted. */
  async painted() {
    await this.#frames.answered
    this.#pace.settle()
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)))
  }

  drawPicture() {
    this.#image.draw(this.layers.cleared(this.layers.picture), this.plot, this.until)
  }

  /**
   * What does not depend on half-life and prune.
   * @param {boolean} [moving] whether marks may be those of the view before, moved
   */
  drawLines(moving = false) {
    const ctx = this.layers.cleared(this.layers.lines), scene = {...this.scene, moving}, {plot, market, colours, data} = scene
    const ticks = ticksOf(market, plot, scene.zone), began = performance.now()
    this.told = {}
    within(ctx, plot, () => {
      drawGridLines(ctx, plot, ticks, colours)
      for (const {mark: {name, needs}, layer} of this.#marks) {
        if (scene.asked[name] && data[needs]) this.told[name] = layer.draw(ctx, scene)
      }
    })
    this.#pace.drawn(moving, performance.now() - began)
    drawAxes(ctx, plot, ticks, market, colours, this.data ? lastTag(ctx, scene) : NaN)
    if (this.#pointer || this.measured) this.drawPointer(this.#pointer)
    this.#tell("marks")
  }

  /** @param {number[] | null} at */
  drawPointer(at) {
    this.#pointer = at
    drawPointer(this.layers.cleared(this.layers.pointer), this.scene, at, this.gestures.box, this.measured)
  }

  /** The colours of the theme, for all in the chart. */
  dress() {
    for (const [name, colour] of Object.entries(this.theme.css)) this.root.style.setProperty(`--${name}`, colour)
  }

  /** The pointer is at a place: say what lies there. @param {number[]} at */
  hover(at) {
    this.#hover.come(at)
  }

  /** The pointer is elsewhere. */
  forget() {
    this.#hover.leave()
  }

  /**
   * What the topmost mark at a place says of it.
   * @param {import("../marks/marks.js").Scene} scene
   * @param {number[]} at
   */
  marksAt(scene, at) {
    for (const {mark: {name}, layer} of this.#marks.toReversed()) {
      const lines = name in this.told ? layer.readout?.(this.told[name], scene, at) : null
      if (lines?.length) return lines
    }
    return []
  }

  async #drawNext() {
    const {asked, view, plot, layers} = this
    this.#image.keep(await this.source.frame({
      ...asked, view, shown: [asked.bids, asked.asks], palette: this.#coloursOf(asked), paletteName: asked.palette,
      size: [plot.width, plot.height].map(length => Math.round(length * layers.pixelRatio)),
    }))
    this.drawnWith = asked
    this.drawPicture()
    this.#tell("picture")
    this.#hover.again()
  }

  /** @param {import("./measure.js").Measured} measured */
  async #tellMeasure(measured) {
    const {times, prices} = measured, rising = pair => /** @type {[number, number]} */ ([...pair].sort((a, b) => a - b))
    const more = await this.source.measure?.({times: rising(times), prices: rising(prices)})
    if (!more || this.measured != measured) return
    measured.more = more
    this.drawPointer(this.#pointer)
    this.#tell("measure")
  }

  /** The view, where it reaches too far, comes back. */
  #stayWithin() {
    const before = String(this.view)
    if (before == String(limited(this.view, this.reach, this.market.tick))) return
    this.setView(this.view)
  }

  /** @param {Record<string, any>} asked */
  #coloursOf({theme, palette, carriedShown, carried, opacity}) {
    const key = [theme, palette, carriedShown, carried, opacity].join()
    if (this.#colours.key != key) {
      this.#colours = {key, colours: coloursOf(this.themes[theme], {palette, carriedShown, carried, opacity})}
    }
    return this.#colours.colours
  }

  /** @param {string} name */
  #isMark(name) {
    return this.#marks.some(({mark}) => mark.name == name)
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
