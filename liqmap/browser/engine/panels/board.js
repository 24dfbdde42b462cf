// A chart with its panels: beside it those of prices, below it those of times, and a corner where both are.

import {PANELS} from "../rules.js"
import {ABOVE, LEFT} from "./axis.js"
import {Cross} from "./cross.js"
import {Panel} from "./panel.js"

/** @typedef {import("../chart/chart.js").Chart} Chart */
/** @typedef {[name: string, words: string, colour?: string]} Row of the corner; its colour by its name in the theme */

/**
 * Panels beside take at most so much of the width, those below of the height, by how many there are; none gets smaller than
 * so many pixels, of several below. A board so wide has room left of the chart for the first axis of a panel below, whose
 * second is at the right.
 */
const MOST = {beside: 0.255, below: [0.3, 0.35, 0.4], least: 90, leastOfSeveral: 64, roomy: 600}

export class Board {
  /** @type {Panel[]} */
  #panels = []
  /** Of each chart that has panels. @type {Map<Chart, {cross: Cross, over: AbortController}>} */
  #followed = new Map()
  #corner = Object.assign(document.createElement("div"), {className: "liqmap-corner", hidden: true})
  #resized

  /** @param {HTMLElement} host */
  constructor(host) {
    this.root = Object.assign(document.createElement("div"), {className: "liqmap-board"})
    /** Where the chart goes. */
    this.chartHost = Object.assign(document.createElement("div"), {className: "liqmap-chart-host"})
    this.root.append(this.chartHost, this.#corner)
    host.append(this.root)
    this.#resized = new ResizeObserver(() => this.#layOut())
    this.#resized.observe(this.root)
    this.#layOut()
  }

  /**
   * Adds a panel of a chart, at its place in the order of all that there are.
   * @param {Chart} chart
   * @param {import("./panel.js").About} about
   */
  panel(chart, about) {
    const cross = this.#follow(chart)
    const panel = new Panel(chart, this.root, about, {
      grown: () => this.#layOut(),
      pointed: (one, place) => cross.point(one, place),
      closed: one => {
        cross.remove(one)
        this.#panels = this.#panels.filter(other => other != one)
        if (!this.#panels.some(other => other.chart == chart)) this.#leave(chart)
        this.#layOut()
      },
    })
    cross.add(panel)
    this.#panels.push(panel)
    this.#layOut()
    return panel
  }

  /**
   * What the corner says, which is there while there are panels beside and below; null: nothing.
   * @param {Row[] | string | null} rows or words
   */
  corner(rows) {
    if (typeof rows == "string") this.#corner.textContent = rows
    else {
      const list = document.createElement("dl")
      for (const [name, words, colour] of rows ?? []) {
        const said = Object.assign(document.createElement("dd"), {textContent: words})
        if (colour) said.style.color = `var(--${colour})`
        list.append(Object.assign(document.createElement("dt"), {textContent: name}), said)
      }
      this.#corner.replaceChildren(list)
    }
  }

  close() {
    for (const panel of [...this.#panels]) panel.close()
    this.#resized.disconnect()
    this.root.remove()
  }

  /** The pointer and the theme of a chart, from its first panel on. @param {Chart} chart */
  #follow(chart) {
    const known = this.#followed.get(chart)
    if (known) return known.cross
    const cross = new Cross(chart), over = new AbortController()
    this.#followed.set(chart, {cross, over})
    this.#dress(chart)
    chart.addEventListener("choice", () => this.#dress(chart), {signal: over.signal})
    return cross
  }

  /** Until its last is closed. @param {Chart} chart */
  #leave(chart) {
    const {cross, over} = this.#followed.get(chart)
    cross.close()
    over.abort()
    this.#followed.delete(chart)
  }

  /** The colours of a chart's theme. @param {Chart} chart */
  #dress(chart) {
    for (const [name, colour] of Object.entries(chart.theme.css)) this.root.style.setProperty(`--${name}`, colour)
  }

  /** @param {"price" | "time"} shares */
  #sharing(shares) {
    const place = ({name}) => PANELS.includes(name) ? PANELS.indexOf(name) : PANELS.length
    return this.#panels.filter(panel => panel.shares == shares).sort((a, b) => place(a) - place(b))
  }

  #layOut() {
    const {width, height} = this.root.getBoundingClientRect(), beside = this.#sharing("price"), below = this.#sharing("time")
    const most = MOST.below[Math.min(below.length, MOST.below.length) - 1] ?? 0
    const wide = shrunk(beside, MOST.beside * width, MOST.least)
    const tall = shrunk(below, most * height, below.length > 1 ? MOST.leastOfSeveral : MOST.least)
    const above = beside.some(panel => panel.hasTwoAxes) ? ABOVE : 0, {style} = this.root
    const isRoomy = width >= MOST.roomy && below.some(panel => panel.hasTwoAxes)
    this.chartHost.style.marginLeft = isRoomy ? `${LEFT}px` : ""
    style.gridTemplateColumns = ["minmax(0, 1fr)", ...wide.map(pixels => `${pixels}px`)].join(" ")
    style.gridTemplateRows = [`${above}px`, "minmax(0, 1fr)", ...tall.map(pixels => `${pixels}px`)].join(" ")
    beside.forEach((panel, k) => panel.root.style.gridArea = `1 / ${k + 2} / 3 / ${k + 3}`)
    below.forEach((panel, k) => panel.root.style.gridArea = `${k + 3} / 1 / ${k + 4} / 2`)
    this.#corner.hidden = !beside.length || !below.length
    this.#corner.style.gridArea = `3 / 2 / ${below.length + 3} / ${beside.length + 2}`
  }
}

/**
 * Pixels of panels that have so much room together: as many as they ask for, or all less in the same proportion.
 * @param {Panel[]} panels
 * @param {number} room
 * @param {number} least pixels of each
 */
function shrunk(panels, room, least) {
  const asked = panels.reduce((sum, {pixels}) => sum + pixels, 0), share = Math.min(1, room / asked)
  return panels.map(({pixels}) => Math.round(Math.max(share * pixels, Math.min(pixels, least))))
}
