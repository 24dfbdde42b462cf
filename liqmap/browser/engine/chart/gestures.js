// Zoom, pan and measure by hand: wheel (over an axis that axis alone), drag, box, fingers, keys, double click.

import {Fingers} from "./fingers.js"
import {press} from "./keys.js"
import {panned, zoomed} from "./view.js"

/** @typedef {import("./chart.js").Chart} Chart */

/** A hand that moved by less, pixels, has tapped. */
const STILL = 4

/** What hands do on a chart. */
export class Gestures {
  /** @type {{from: number[], to: number[]} | null} */
  box = null
  /** @type {{at: number[], along: string} | null} */
  #drag = null
  /** Where a measure begins. @type {number[] | null} */
  #measuring = null
  /** @type {number[] | null} */
  #tapped = null
  #fingers = new Fingers()
  #over = new AbortController()
  #chart
  #layer

  /**
   * @param {Chart} chart
   * @param {HTMLElement} layer the topmost, which hands touch
   */
  constructor(chart, layer) {
    this.#chart = chart
    this.#layer = layer
    const {signal} = this.#over
    layer.addEventListener("wheel", event => this.#wheel(event), {passive: false, signal})
    layer.addEventListener("pointerdown", event => this.#down(event), {signal})
    layer.addEventListener("pointermove", event => this.#move(event), {signal})
    layer.addEventListener("pointerup", event => this.#up(event), {signal})
    layer.addEventListener("pointercancel", event => this.#cancel(event), {signal})
    layer.addEventListener("pointerleave", () => this.#leave(), {signal})
    layer.addEventListener("dblclick", () => chart.setView(chart.first), {signal})
    chart.root.addEventListener("keydown", event => press(chart, event), {signal})
  }

  close() {
    this.#over.abort()
  }

  /** Whether a hand holds the chart: what hosts set meanwhile, the hand goes on from. */
  get isHeld() {
    return Boolean(this.box || this.#drag || this.#measuring || this.#fingers.count)
  }

  /** @param {MouseEvent} event */
  #place(event) {
    const {left, top} = this.#layer.getBoundingClientRect()
    return [event.clientX - left, event.clientY - top]
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault()
    const {plot} = this.#chart, [x, y] = this.#place(event)
    const lines = event.deltaMode == 1 ? 24 : event.deltaMode == 2 ? 400 : 1
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.#chart.setView(panned(plot, -event.deltaX * lines, 0))
      return
    }
    const factor = Math.exp(Math.max(-300, Math.min(300, event.deltaY * lines)) * 0.0016)
    const onPrices = x > plot.right, onTimes = y > plot.bottom && !onPrices
    const at = [Math.min(x, plot.right), Math.min(y, plot.bottom)]
    this.#chart.setView(zoomed(plot, onPrices ? 1 : factor, onTimes ? 1 : factor, at))
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button != 0) return
    this.#layer.setPointerCapture(event.pointerId)
    const at = this.#place(event), {plot, choice} = this.#chart
    this.#fingers.put(event.pointerId, at)
    this.#tapped = at
    if (this.#fingers.count > 1) {
      this.box = this.#drag = this.#measuring = this.#tapped = null
      return
    }
    const inside = at[0] <= plot.right && at[1] <= plot.bottom
    const tool = !inside ? "pan" : event.altKey ? "measure" : event.shiftKey ? "zoom" : choice.tool
    if (tool == "zoom") this.box = {from: at, to: at}
    else if (tool == "measure") this.#measuring = at
    else this.#drag = {at, along: at[0] > plot.right ? "y" : at[1] > plot.bottom ? "x" : "xy"}
    this.#chart.forget()
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const at = this.#place(event), {plot} = this.#chart, pinch = this.#fingers.pinch(event.pointerId, at)
    if (pinch) {
      this.#chart.setView(zoomed(plot, pinch.x, pinch.y, pinch.from, pinch.to))
      return
    }
    if (this.#tapped && Math.hypot(at[0] - this.#tapped[0], at[1] - this.#tapped[1]) >= STILL) this.#tapped = null
    const hand = this.#drag ? "grabbing" : at[0] > plot.right ? "along" : at[1] > plot.bottom ? "across" : ""
    this.#layer.className = `pointer ${hand}`
    if (this.box) this.box.to = at
    else if (this.#measuring) {
      if (!this.#tapped) this.#chart.setMeasure(this.#boxOf(this.#measuring, at))
    }
    else if (this.#drag) {
      const {at: [x, y], along} = this.#drag
      this.#chart.setView(panned(plot, along == "y" ? 0 : at[0] - x, along == "x" ? 0 : at[1] - y))
      this.#drag.at = at
      return
    } else this.#chart.hover(at)
    this.#chart.drawPointer(at)
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const {box} = this, {plot} = this.#chart
    if (this.#tapped) this.#chart.setMeasure(null)
    else if (this.#measuring) this.#chart.setMeasure(this.#boxOf(this.#measuring, this.#place(event)), true)
    else if (box) {
      const [[x0, x1], [y0, y1]] = [0, 1].map(k => [box.from[k], box.to[k]].sort((a, b) => a - b))
      if (x1 - x0 > STILL && y1 - y0 > STILL) {
        this.#chart.setView([plot.time(x0), plot.time(x1), plot.price(y1), plot.price(y0)])
      }
    }
    this.#cancel(event)
  }

  /** The hand lets go. @param {PointerEvent} event */
  #cancel(event) {
    this.#fingers.lift(event.pointerId)
    this.box = this.#drag = this.#measuring = this.#tapped = null
    this.#layer.className = "pointer"
    this.#chart.drawPointer(null)
  }

  /**
   * Times and prices between two points within the axes.
   * @param {number[]} from
   * @param {number[]} to
   * @returns {{times: [number, number], prices: [number, number]}}
   */
  #boxOf(from, to) {
    const {plot} = this.#chart, x = v => Math.min(Math.max(v, plot.left), plot.right)
    const y = v => Math.min(Math.max(v, plot.top), plot.bottom)
    return {
      times: [plot.time(x(from[0])), plot.time(x(to[0]))],
      prices: [plot.price(y(from[1])), plot.price(y(to[1]))],
    }
  }

  #leave() {
    this.#chart.forget()
    if (!this.isHeld) this.#chart.drawPointer(null)
  }
}
