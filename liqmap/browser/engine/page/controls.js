// The controls beside the chart, both ways: elements -> choice -> elements.

import {percentOf} from "../colour/scale.js"
import {short} from "../numbers.js"
import {CUSTOM, LAYERS, PRESETS, SCALE} from "../rules.js"
import {perWords, stopWords} from "../words/words.js"
import {sizesOf, stopsOf} from "./stops.js"

/** @typedef {import("../chart/chart.js").Chart} Chart */

const SWITCHES = ["bids", "asks", ...LAYERS, "stable"]
const SELECTS = ["palette", "scaling", "carriedShown"]

export class Controls {
  #chart
  #root
  /** @type {Record<string, any[]>} */
  #stops
  /** The aggregate that the stops of sizes are of. @type {string | null} */
  #sizesOf = null

  /** @param {Chart} chart @param {Document} root that has the controls, by id */
  constructor(chart, root) {
    this.#chart = chart
    this.#root = root
    const {halfLife, prune} = chart.choice
    this.#stops = {halfLife: stopsOf([], halfLife), prune: stopsOf([0], prune)}
    this.#fill()
    this.#listen()
    chart.addEventListener("choice", () => this.show())
    chart.addEventListener("picture", () => this.#showPicture())
    this.show()
  }

  /** @param {string} id @returns {any} */
  #at(id) {
    return this.#root.getElementById(id)
  }

  #fill() {
    const options = names => names.map(name => new Option(name, name)), {palettes} = this.#chart.theme
    this.#at("half-life").max = this.#stops.halfLife.length - 1
    this.#at("prune").max = this.#stops.prune.length - 1
    this.#at("preset").replaceChildren(...options([...Object.keys(PRESETS), CUSTOM]))
    this.#at("palette").replaceChildren(...options(Object.keys(palettes)))
  }

  #listen() {
    const chart = this.#chart, stops = this.#stops
    const on = (id, event, take) => this.#at(id).addEventListener(event, ({target}) => take(target))
    on("half-life", "input", ({value}) => chart.choose({halfLife: stops.halfLife[value]}))
    on("prune", "input", ({value}) => chart.choose({prune: stops.prune[value]}))
    on("preset", "change", ({value}) => value in PRESETS && chart.choose(PRESETS[value]))
    on("agg", "change", ({value}) => chart.choose({agg: value}))
    on("cut-low", "input", ({value}) => this.#cut(0, Number(value)))
    on("cut-high", "input", ({value}) => this.#cut(1, Number(value)))
    on("auto", "change", ({checked}) => chart.choose({cutoffs: checked ? null : this.#cutoffs, limits: null}))
    on("carried", "input", ({value}) => chart.choose({carried: value / 100}))
    on("min-size", "input", ({value}) => chart.choose({minSize: stops.minSize[value]}))
    for (const name of SELECTS) on(name, "change", ({value}) => chart.choose({[name]: value}))
    for (const name of SWITCHES) on(name, "change", ({checked}) => chart.choose({[name]: checked}))
    on("box", "click", () => chart.choose({box: !chart.choice.box}))
    on("reset", "click", () => chart.setView(chart.whole))
    on("theme", "click", () => chart.choose({theme: chart.choice.theme == "dark" ? "light" : "dark"}))
  }

  /** Percentiles at which colours begin and saturate: those chosen, or those of the cut-offs that the picture has. */
  get #cutoffs() {
    const {choice: {cutoffs, limits}, picture} = this.#chart
    if (cutoffs && !limits || !picture?.sizes.length) return cutoffs ?? SCALE.auto
    const {low, high} = picture.scale
    return [low, high].map(size => Math.round(10 * percentOf(picture.sizes, size)) / 10)
  }

  /**
   * A handle has been moved: it takes over from what the picture has by itself, and from sizes.
   * @param {0 | 1} end
   * @param {number} percent
   */
  #cut(end, percent) {
    let [low, high] = this.#cutoffs
    if (end == 0) [low, high] = [Math.min(percent, 99.9), Math.max(high, percent + 0.1)]
    else [low, high] = [Math.min(low, percent - 0.1), Math.max(percent, 0.1)]
    const cutoffs = [Math.max(low, 0), Math.min(high, 100)].map(p => Math.round(10 * p) / 10)
    this.#chart.choose({cutoffs, limits: null})
  }

  /** What is chosen. */
  show() {
    const {choice} = this.#chart
    this.#showStops("half-life", "halfLife", [])
    this.#showStops("prune", "prune", [0])
    const preset = Object.entries(PRESETS).find(([, {halfLife, prune}]) =>
      choice.prune === prune && (choice.halfLife === halfLife || prune === 0))
    this.#at("preset").value = preset ? preset[0] : CUSTOM
    this.#at("agg").querySelector(`[value=${choice.agg}]`).checked = true
    this.#setRange("carried", Math.round(100 * choice.carried), `${Math.round(100 * choice.carried)} %`)
    for (const name of SELECTS) this.#at(name).value = choice[name]
    for (const name of SWITCHES) this.#at(name).checked = choice[name]
    this.#at("box").setAttribute("aria-pressed", choice.box)
    this.#at("theme").textContent = choice.theme == "dark" ? "light" : "dark"
    this.#showPicture()
  }

  /** What follows from the picture, too. */
  #showPicture() {
    const {choice, picture, market} = this.#chart, ends = this.#cutoffs
    const unit = picture ? ` ${market.units.size}${perWords(choice.agg, picture.steps[1])}` : ""
    const words = picture ? [picture.scale.low, picture.scale.high].map(short) : ends.map(p => `${p} %`)
    ;["cut-low", "cut-high"].forEach((id, k) => this.#setRange(id, ends[k], words[k] + unit))
    this.#at("auto").checked = !choice.cutoffs && !choice.limits
    if (!picture) return
    if (this.#sizesOf != choice.agg) {
      this.#stops.minSize = sizesOf(picture.scale)
      this.#sizesOf = choice.agg
    }
    if (!this.#stops.minSize.includes(choice.minSize)) {
      this.#stops.minSize = [...this.#stops.minSize, choice.minSize].sort((a, b) => a - b)
    }
    this.#at("min-size").max = this.#stops.minSize.length - 1
    const least = choice.minSize ? `${short(choice.minSize)}${unit}` : "any"
    this.#setRange("min-size", this.#stops.minSize.indexOf(choice.minSize), least)
  }

  /**
   * @param {string} id
   * @param {"halfLife" | "prune"} key
   * @param {number[]} first
   */
  #showStops(id, key, first) {
    const value = this.#chart.choice[key]
    if (!this.#stops[key].includes(value)) {
      this.#stops[key] = stopsOf(first, value)
      this.#at(id).max = this.#stops[key].length - 1
    }
    this.#setRange(id, this.#stops[key].indexOf(value), stopWords(value))
  }

  /**
   * @param {string} id
   * @param {number} value
   * @param {string} words
   */
  #setRange(id, value, words) {
    const range = this.#at(id)
    range.value = value
    range.setAttribute("aria-valuetext", words)
    range.style.setProperty("--at", `${100 * (range.value - range.min) / (range.max - range.min)}%`)
    this.#at(`${id}-value`).textContent = words
  }
}
