// What lies under the pointer, told by the readout: the cell, and the topmost mark.

import {cellLines} from "../words/cell.js"
import {Latest} from "./latest.js"
import {isInside} from "./plot.js"
import {Readout} from "./readout.js"

/** @typedef {import("./chart.js").Chart} Chart */

export class Hover {
  /** Where the pointer is; null where it is elsewhere. @type {number[] | null} */
  #at = null
  #cells = new Latest(() => this.#tell())
  #chart
  #fail
  /** @type {Readout} */
  readout

  /** @param {Chart} chart @param {(error: unknown) => void} fail */
  constructor(chart, fail) {
    this.#chart = chart
    this.#fail = fail
    this.readout = new Readout(chart.root)
  }

  /** The pointer is at a place. @param {number[]} at */
  come(at) {
    this.#at = at
    this.#cells.ask().catch(this.#fail)
  }

  /** What lies there may have changed. */
  again() {
    if (this.#at) this.come(this.#at)
  }

  /** The pointer is elsewhere. */
  leave() {
    this.#at = null
    this.readout.hide()
  }

  async #tell() {
    const at = this.#at, chart = this.#chart, {plot} = chart
    if (!at) return
    const inside = isInside(plot, at)
    const found = inside ? await chart.source.cell({time: plot.time(at[0]), price: plot.price(at[1])}) : null
    if (!this.#at) return this.readout.hide()
    const cell = found && found.right <= (chart.until ?? Infinity) ? found : null  // else it is not known yet
    const {scene, scene: {asked}} = chart, {bars} = chart.theme.palettes[asked.palette]
    const marks = inside ? chart.marksAt(scene, at) : []
    const lines = cell ? cellLines(cell, chart.market, asked.agg, scene.zone, bars) : []
    if (!cell && !marks.length) return this.readout.hide()
    this.readout.show(at, [...lines.slice(0, 1), ...marks, ...lines.slice(1)], plot)
  }
}
