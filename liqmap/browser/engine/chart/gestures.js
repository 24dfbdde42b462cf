// Zoom and pan by hand: wheel (over an axis that axis alone), drag, box, fingers, keys, double click.

import {Fingers} from "./fingers.js"
import {panned, zoomed} from "./view.js"

/** @typedef {import("./chart.js").Chart} Chart */
/** @typedef {import("./plot.js").Plot} Plot */

/** @type {Record<string, (plot: Plot) => import("./plot.js").View>} */
const KEYS = {
  ArrowLeft: plot => panned(plot, plot.width / 10, 0),
  ArrowRight: plot => panned(plot, -plot.width / 10, 0),
  ArrowUp: plot => panned(plot, 0, plot.height / 10),
  ArrowDown: plot => panned(plot, 0, -plot.height / 10),
  "+": plot => zoomed(plot, 0.8, 0.8, middleOf(plot)),
  "=": plot => zoomed(plot, 0.8, 0.8, middleOf(plot)),
  "-": plot => zoomed(plot, 1.25, 1.25, middleOf(plot)),
}

/** @param {Plot} plot */
function middleOf({left, top, width, height}) {
  return [left + width / 2, top + height / 2]
}

/** What hands do on a chart. */
export class Gestures {
  /** @type {{from: number[], to: number[]} | null} */
  box = null
  /** @type {{at: number[], along: string} | null} */
  #drag = null
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
    layer.addEventListener("pointercancel", event => this.#up(event), {signal})
    layer.addEventListener("pointerleave", () => this.#leave(), {signal})
    layer.addEventListener("dblclick", () => chart.setView(chart.whole), {signal})
    chart.root.addEventListener("keydown", event => this.#key(event), {signal})
  }

  close() {
    this.#over.abort()
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
    if (this.#fingers.count > 1) {
      this.box = this.#drag = null
      return
    }
    const inside = at[0] <= plot.right && at[1] <= plot.bottom
    if (inside && (choice.box || event.shiftKey)) this.box = {from: at, to: at}
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
    const hand = this.#drag ? "grabbing" : at[0] > plot.right ? "along" : at[1] > plot.bottom ? "across" : ""
    this.#layer.className = `pointer ${hand}`
    if (this.box) this.box.to = at
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
    this.#fingers.lift(event.pointerId)
    if (this.box) {
      const {from, to} = this.box, {plot} = this.#chart
      const [[x0, x1], [y0, y1]] = [0, 1].map(k => [from[k], to[k]].sort((a, b) => a - b))
      if (x1 - x0 > 4 && y1 - y0 > 4) {
        this.#chart.setView([plot.time(x0), plot.time(x1), plot.price(y1), plot.price(y0)])
      }
    }
    this.box = this.#drag = null
    this.#layer.className = "pointer"
    this.#chart.drawPointer(null)
  }

  #leave() {
    this.#chart.forget()
    if (!this.box && !this.#drag) this.#chart.drawPointer(null)
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const to = event.key == "0" ? this.#chart.whole : Object.hasOwn(KEYS, event.key) && KEYS[event.key](this.#chart.plot)
    if (!to) return
    event.preventDefault()
    this.#chart.setView(to)
  }
}
