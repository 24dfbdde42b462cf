// What Python draws over a picture and beside it: asked for anew when the view or a choice changes, of many changes the last.

import {Latest} from "../chart/latest.js"
import {decodePanel, decodeShapes} from "../shapes/decode.js"

/** @typedef {import("./stage.js").Stage} Stage */

/** Shapes of a session that Python draws wait for a view that moves: so long after its last move, and so long at most, ms. */
const REST_MS = 120, LONGEST_MS = 400

/** While a session grows they are asked for anew at most so often, ms. */
const APART_MS = 1000

export class Drawn {
  #stage
  #channel
  #busy
  #asking = new Latest(() => this.#ask())
  /** What is shown was asked as this. */
  #shown = ""
  /** When the view last moved, and when shapes were last asked for. */
  #moved = 0
  #asked = -Infinity
  /** Where the pointer is, ns. @type {number | null} */
  #cursor = null

  /**
   * @param {Stage} stage
   * @param {import("./channel.js").Channel} channel
   * @param {import("./busy.js").Busy} busy
   */
  constructor(stage, channel, busy) {
    this.#stage = stage
    this.#channel = channel
    this.#busy = busy
  }

  /** Charts and panels are others, which show nothing yet. */
  forget() {
    this.#shown = ""
  }

  /** The view has moved. */
  moved() {
    this.#moved = performance.now()
    this.ask()
  }

  /** The pointer is at another time, or nowhere: the book beside the picture is that of there. @param {number | null} time */
  point(time) {
    if (time === this.#cursor) return
    this.#cursor = time
    if (this.#stage.panels.ladder) this.ask()
  }

  /** Something may have changed. */
  ask() {
    this.#asking.ask().catch(error => this.#busy.fail(error))
  }

  async #atRest() {
    const began = performance.now()
    for (let now = began; now - this.#moved < REST_MS && now - began < LONGEST_MS; now = performance.now()) {
      await new Promise(done => setTimeout(done, REST_MS / 4))
    }
  }

  /** Time enough after the last ones; the pointer, and a choice, are not kept waiting. @param {any} question */
  async #apart(question) {
    const still = ({view, ...others}) => JSON.stringify(others), before = this.#shown && JSON.parse(this.#shown)[0]
    if (!before || still(before) != still(question)) return
    const left = APART_MS - (performance.now() - this.#asked)
    if (left > 0) await new Promise(done => setTimeout(done, left))
  }

  /** What there is to ask; null for nothing. */
  get #question() {
    const {chart, drawn, drawnOverlays, panels} = this.#stage
    if (!chart?.data) return null
    const overlays = drawnOverlays.map(({name}) => name).filter(name => chart.choice[name]), beside = Object.keys(panels)
    const last = drawn == "python"  // the page has trades of its own
    if (!beside.length && !overlays.length && !last) return null
    if (chart.plot.width <= 1 || chart.plot.height <= 1) return null  // it is not laid out yet
    const {plot, view, asked: {halfLife, prune, carry, theme, palette, timeZone, minTrade, alertsOf}} = chart
    return {
      overlays, panels: beside, view, size: [plot.width, plot.height].map(Math.round), theme, timeZone, minTrade, alertsOf, last,
      ...panels.ladder ? {halfLife, prune, carry: carry?.name ?? null, palette, cursor: this.#cursor} : {},
    }
  }

  async #ask() {
    const stage = this.#stage
    if (stage.drawn == "python") await this.#atRest()
    if (stage.live && this.#question) await this.#apart(this.#question)
    const question = this.#question, key = JSON.stringify([question, stage.live?.number]), {chart} = stage
    if (!question || key == this.#shown) return
    this.#asked = performance.now()
    const asked = this.#channel.ask("shapes", question)
    this.#busy.during(asked)
    const found = await asked
    if (chart != stage.chart) return  // it has been built anew meanwhile
    this.#shown = key
    const shapes = Object.fromEntries(Object.entries(found.overlays).map(([name, wired]) => [name, decodeShapes(wired)]))
    for (const one of stage.charts) one.setData(question.last ? {shapes, last: found.last} : {shapes})
    for (const [name, panel] of Object.entries(stage.panels)) {
      panel.show(found.panels[name] ? decodePanel(found.panels[name]) : null, found.words[name])
    }
    stage.board.corner(found.corner)
  }
}
