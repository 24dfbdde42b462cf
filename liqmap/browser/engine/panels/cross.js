// The pointer of a chart and of its panels: wherever it is, a line along what they share is in all of them.

/** @typedef {import("../chart/chart.js").Chart} Chart */
/** @typedef {import("./panel.js").Panel} Panel */

export class Cross {
  /** @type {Set<Panel>} */
  #panels = new Set()
  #over = new AbortController()
  #line = Object.assign(document.createElement("i"), {className: "liqmap-cross", hidden: true})
  #chart

  /** @param {Chart} chart */
  constructor(chart) {
    this.#chart = chart
    chart.root.append(this.#line)
    const {signal} = this.#over
    chart.root.addEventListener("pointermove", event => this.#moved(event), {signal})
    chart.root.addEventListener("pointerleave", () => this.#cross(null), {signal})
  }

  /** @param {Panel} panel */
  add(panel) {
    this.#panels.add(panel)
  }

  /** @param {Panel} panel */
  remove(panel) {
    this.#panels.delete(panel)
    this.point(panel, null)
  }

  close() {
    this.#over.abort()
    this.#line.remove()
  }

  /**
   * The pointer is in a panel.
   * @param {Panel} panel
   * @param {number | null} place pixels of the chart along the axis that the panel shares; null: it has left
   */
  point(panel, place) {
    const isPrice = panel.shares == "price", {plot} = this.#chart
    for (const one of this.#panels) one.cross(one.shares == panel.shares ? place : null)
    this.#line.hidden = place === null
    if (place === null) return
    this.#line.className = `liqmap-cross ${isPrice ? "across" : "along"}`
    const [x, y, length] = isPrice ? [plot.left, place, plot.width] : [place, plot.top, plot.height]
    this.#line.style.cssText = `transform: translate(${x}px, ${y}px); ${isPrice ? "width" : "height"}: ${length}px`
  }

  /** The pointer is over the chart. @param {PointerEvent} event */
  #moved(event) {
    const {left, top} = this.#chart.root.getBoundingClientRect(), {plot} = this.#chart
    const x = event.clientX - left, y = event.clientY - top
    const isOver = x >= plot.left && x <= plot.right && y >= plot.top && y <= plot.bottom
    this.#cross(isOver ? [x, y] : null)
  }

  /** @param {number[] | null} at */
  #cross(at) {
    this.#line.hidden = true
    for (const panel of this.#panels) panel.cross(at && at[panel.shares == "price" ? 1 : 0])
  }
}
