// A panel beside or below a chart: shapes whose one axis is the chart's, and follows it.

import {within} from "../chart/layers.js"
import {drawShapes} from "../shapes/draw.js"
import {rowsOf} from "../shapes/hit.js"
import {drawPanelAxes, drawPanelFrame, drawPanelGrid} from "./axis.js"
import {BarWords} from "./bar_words.js"
import {atOf, barAt, panelFrame} from "./frame.js"
import {followHands} from "./hands.js"

/** @typedef {import("../chart/chart.js").Chart} Chart */
/** @typedef {import("../shapes/decode.js").PanelContent} PanelContent */

/**
 * @typedef {object} About what a panel is
 * @property {string} name
 * @property {"price" | "time"} shares the axis that it shares with its chart: beside it, or below
 * @property {number} pixels its extent along the other
 */

/** Axes of a panel that shows nothing. */
const NONE = {axis: {low: 0, high: 0, label: ""}, second: null}

/** @param {string} className */
function part(className, tag = "div") {
  return Object.assign(document.createElement(tag), {className})
}

export class Panel {
  /** What it shows. @type {PanelContent | null} */
  content = null
  /** Whether it has a second axis, or had: what makes room for two does so until the panel is closed. */
  hasTwoAxes = false
  #size = [1, 1]
  #pixelRatio = 1
  #canvas = /** @type {HTMLCanvasElement} */ (part("", "canvas"))
  #band = part("band")
  #line = part("liqmap-cross", "i")
  #words = part("words")
  #over = new AbortController()
  /** The frame of the browser that draws it. */
  #wanted = 0
  /** Of the view that was drawn last. */
  #drawn = ""
  /** The pointer in it, pixels. @type {number[] | null} */
  #pointer = null
  /** Of the chart, where the pointer of one of them is along the shared axis. @type {number | null} */
  #crossed = null
  #barWords
  #resized
  #board

  /**
   * @param {Chart} chart
   * @param {HTMLElement} host
   * @param {About} about
   * @param {{grown: () => void, pointed: (panel: Panel, place: number | null) => void, closed: (panel: Panel) => void}} board
   * told of what happens to it
   */
  constructor(chart, host, {name, shares, pixels}, board) {
    this.chart = chart
    this.name = name
    this.shares = shares
    this.pixels = pixels
    this.#board = board
    this.root = part(`liqmap-panel ${shares == "price" ? "beside" : "below"}`)
    this.root.setAttribute("role", "img")
    this.root.append(this.#canvas, this.#band, this.#line, this.#words)
    this.#barWords = new BarWords(this.root)
    this.#band.hidden = this.#line.hidden = true
    host.append(this.root)
    this.#follow(this.#over.signal)
    this.#resized = new ResizeObserver(() => this.#fit())
    this.#resized.observe(this.root)
    this.show(null)
  }

  /** Where it draws, pixels of itself. */
  get frame() {
    return this.#laidOut().frame
  }

  /**
   * Shows content from now on; without any, the frame and words.
   * @param {PanelContent | null} content
   * @param {string} [words]
   */
  show(content, words = "") {
    this.content = content
    this.#words.textContent = content ? "" : words
    this.root.setAttribute("aria-label", [this.name, content ? content.axis.label : words].filter(Boolean).join(": "))
    const isNew = !this.hasTwoAxes && Boolean(content?.second)
    this.hasTwoAxes ||= isNew
    if (isNew) this.#board.grown()
    this.requestDraw()
  }

  close() {
    this.#over.abort()
    this.#resized.disconnect()
    cancelAnimationFrame(this.#wanted)
    this.root.remove()
    this.#board.closed(this)
  }

  /** Draws with the next frame of the browser, or with the chart if that draws before. */
  requestDraw() {
    this.#wanted ||= requestAnimationFrame(() => this.draw())
  }

  draw() {
    cancelAnimationFrame(this.#wanted)
    this.#wanted = 0
    const {chart, shares, content} = this, {plot, theme} = chart, ctx = this.#cleared(), {frame, at} = this.#laidOut()
    this.#drawn = stateOf(plot)
    if (!(frame.width > 1 && frame.height > 1)) return
    if (content) {
      const drawn = {shares, frame, at, content, chart}
      within(ctx, /** @type {any} */ (frame), () => {
        drawPanelGrid(ctx, drawn)
        drawShapes(ctx, content.shapes, at)
      })
      drawPanelAxes(ctx, drawn)
    }
    drawPanelFrame(ctx, frame, theme.css)
    const {left, top, width, height} = frame
    this.#words.style.cssText = `left: ${left}px; top: ${top}px; width: ${width}px; height: ${height}px`
    this.#tell()
    this.cross(this.#crossed)
  }

  /**
   * A line where the pointer is in the chart or in another panel; null: nowhere.
   * @param {number | null} place pixels of the chart along the shared axis
   */
  cross(place) {
    this.#crossed = place
    this.#line.hidden = place === null
    if (place === null) return
    const {frame, offset} = this.#laidOut(), {left, top, width, height} = frame
    this.#line.className = `liqmap-cross ${this.shares == "price" ? "across" : "along"}`
    this.#line.style.cssText = this.shares == "price"
      ? `transform: translate(${left}px, ${place + offset[1]}px); width: ${width}px`
      : `transform: translate(${place + offset[0]}px, ${top}px); height: ${height}px`
  }

  /** Where a hand is along the shared axis, pixels of the chart. @param {MouseEvent} event */
  placeOf(event) {
    const {left, top} = this.chart.root.getBoundingClientRect()
    return this.shares == "price" ? event.clientY - top : event.clientX - left
  }

  /** @param {AbortSignal} signal */
  #follow(signal) {
    const {chart, root} = this
    for (const name of ["view", "choice"]) chart.addEventListener(name, () => this.requestDraw(), {signal})
    chart.addEventListener("marks", () => {
      if (this.#wanted || this.#drawn != stateOf(chart.plot)) this.draw()
    }, {signal})
    followHands(this, root, signal)
    root.addEventListener("pointermove", event => {
      const {left, top} = root.getBoundingClientRect()
      this.#point([event.clientX - left, event.clientY - top], event)
    }, {signal})
    root.addEventListener("pointerleave", event => this.#point(null, event), {signal})
  }

  /** @param {number[] | null} at @param {MouseEvent} event */
  #point(at, event) {
    const {left, top, right, bottom} = this.#laidOut().frame
    this.#pointer = at && at[0] >= left && at[0] <= right && at[1] >= top && at[1] <= bottom ? at : null
    this.#tell()
    this.#board.pointed(this, this.#pointer && this.placeOf(event))
  }

  /** Says what there is to say of the bar under the pointer. */
  #tell() {
    const told = this.content?.told, {frame, at, offset} = this.#laidOut(), {plot} = this.chart, isPrice = this.shares == "price"
    const [x, y] = this.#pointer ?? [NaN, NaN]
    const bar = told && this.#pointer ? barAt(told, isPrice ? plot.price(y - offset[1]) : plot.time(x - offset[0])) : -1
    this.#band.hidden = bar < 0
    if (bar < 0) return this.#barWords.hide()
    const [one, other] = [told.low[bar], told.high[bar]].map(isPrice ? at.y : at.x)
    const ends = isPrice ? [frame.top, frame.bottom] : [frame.left, frame.right]
    const [from, to] = [Math.min(one, other), Math.max(one, other)].map(v => Math.min(Math.max(v, ends[0]), ends[1]))
    this.#band.style.cssText = isPrice
      ? `left: ${frame.left}px; width: ${frame.width}px; top: ${from}px; height: ${Math.max(to - from, 1)}px`
      : `top: ${frame.top}px; height: ${frame.height}px; left: ${from}px; width: ${Math.max(to - from, 1)}px`
    this.#barWords.show(rowsOf(told, bar), this.shares, [x, y], frame)
  }

  #laidOut() {
    const {chart, shares} = this, {plot} = chart, own = this.root.getBoundingClientRect(), other = chart.root.getBoundingClientRect()
    const offset = [other.left - own.left, other.top - own.top], frame = panelFrame(shares, plot, offset, this.#size)
    return {offset, frame, at: atOf(shares, frame, plot, offset, this.content ?? NONE)}
  }

  #fit() {
    const {width, height} = this.root.getBoundingClientRect()
    this.#size = [Math.max(width, 1), Math.max(height, 1)]
    this.#pixelRatio = window.devicePixelRatio || 1
    this.#canvas.width = Math.round(this.#size[0] * this.#pixelRatio)
    this.#canvas.height = Math.round(this.#size[1] * this.#pixelRatio)
    this.draw()
  }

  #cleared() {
    const ctx = this.#canvas.getContext("2d")
    ctx.setTransform(this.#pixelRatio, 0, 0, this.#pixelRatio, 0, 0)
    ctx.clearRect(0, 0, this.#size[0], this.#size[1])
    return ctx
  }
}

/** Where a view lies, to be compared. @param {import("../chart/plot.js").Plot} plot */
function stateOf({times, prices, left, top, width, height}) {
  return [...times, ...prices, left, top, width, height].join()
}
