// The controls beside the chart, both ways: elements -> choice -> elements.

import {percentOf} from "../colour/scale.js"
import {moveEnd, showRange, stopsOf} from "../controls/stops.js"
import {short} from "../numbers.js"
import {isAuto} from "../raster/auto_carry.js"
import {CUSTOM, LAYERS, MODEL, PRESETS, ROW_TICKS, SCALE} from "../rules.js"
import {perWords, stopWords} from "../words/words.js"
import {sizesOf, tradesOf} from "./stops.js"

/** @typedef {import("../chart/chart.js").Chart} Chart */

/** The zone of the browser. */
const LOCAL = new Intl.DateTimeFormat().resolvedOptions().timeZone

const SELECTS = ["palette", "scaling", "carriedShown"]

export class Controls {
  #chart
  #root
  /** @type {Record<string, any[]>} */
  #stops
  /** The aggregate that the stops of sizes are of. @type {string | null} */
  #sizesOf = null

  /** Choices that are on or off. @type {string[]} */
  #switches

  /** Presets by name: of half-life and prune, and of the model that the page opens with. @type {Record<string, any>} */
  #presets

  /**
   * @param {Chart} chart
   * @param {Document} root that has the controls, by id
   * @param {Partial<import("../chart/chart.js").Choice>} opened what the page opens with
   * @param {string[]} [layers] that there are
   */
  constructor(chart, root, {carry = null, prune: first = null} = {}, layers = LAYERS) {
    this.#chart = chart
    this.#switches = ["bids", "asks", ...layers, "stable"]
    this.#presets = {...PRESETS, ...carry ? {[MODEL]: {carry, halfLife: null, prune: first}} : {}}
    this.#root = root
    const {halfLife, prune} = chart.asked
    this.#stops = {halfLife: stopsOf([], halfLife), prune: stopsOf([0], prune), minTrade: [0]}
    this.#fill()
    this.#listen()
    chart.addEventListener("choice", () => this.show())
    chart.addEventListener("view", () => this.#showCarry())
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
    this.#at("preset").replaceChildren(...options([...Object.keys(this.#presets), CUSTOM]))
    this.#at("palette").replaceChildren(...options(Object.keys(palettes)))
  }

  #listen() {
    const chart = this.#chart, stops = this.#stops
    const on = (id, event, take) => this.#at(id).addEventListener(event, ({target}) => take(target))
    on("half-life", "input", ({value}) => chart.choose({halfLife: stops.halfLife[value]}))
    on("prune", "input", ({value}) => chart.choose({prune: stops.prune[value]}))
    on("preset", "change", ({value}) => value in this.#presets && chart.choose(this.#presets[value]))
    on("agg", "change", ({value}) => chart.choose({agg: value}))
    on("cut-low", "input", ({value}) => this.#cut(0, Number(value)))
    on("cut-high", "input", ({value}) => this.#cut(1, Number(value)))
    on("auto", "change", ({checked}) => chart.choose({cutoffs: checked ? null : this.#cutoffs, limits: null}))
    for (const name of ["carried", "opacity"]) on(name, "input", ({value}) => chart.choose({[name]: value / 100}))
    on("row", "change", ({value}) => chart.choose({rowTicks: value == "auto" ? null : Number(value)}))
    on("min-trade", "input", ({value}) => chart.choose({minTrade: stops.minTrade[value]}))
    on("time-zone", "change", ({value}) => chart.choose({timeZone: value}))
    on("min-size", "input", ({value}) => chart.choose({minSize: stops.minSize[value]}))
    for (const name of SELECTS) on(name, "change", ({value}) => chart.choose({[name]: value}))
    for (const name of this.#switches) on(name, "change", ({checked}) => chart.choose({[name]: checked}))
    on("tool", "change", ({value}) => chart.choose({tool: value}))
    on("reset", "click", () => chart.setView(chart.first))
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
    this.#chart.choose({cutoffs: moveEnd(this.#cutoffs, end, percent), limits: null})
  }

  /** What is chosen. */
  show() {
    const {choice} = this.#chart
    this.#showCarry()
    const preset = Object.entries(this.#presets).find(([, {halfLife, prune, carry = null}]) =>
      choice.prune === prune && (prune === 0 || choice.carry === carry && choice.halfLife === halfLife))
    this.#at("preset").value = preset ? preset[0] : CUSTOM
    this.#at("agg").querySelector(`[value=${choice.agg}]`).checked = true
    this.#setRange("carried", Math.round(100 * choice.carried), `${Math.round(100 * choice.carried)} %`)
    const opacity = Math.round(100 * this.#chart.asked.opacity), own = opacity != Math.round(100 * choice.opacity)
    this.#setRange("opacity", opacity, `${opacity} %${own ? " (candles)" : ""}`)
    this.#offer("row", ["auto", ...ROW_TICKS], choice.rowTicks ?? "auto")
    this.#offer("time-zone", ["UTC", LOCAL], choice.timeZone)
    for (const name of SELECTS) this.#at(name).value = choice[name]
    for (const name of this.#switches) this.#at(name).checked = choice[name]
    this.#at("tool").querySelector(`[value=${choice.tool}]`).checked = true
    this.#at("theme").textContent = choice.theme == "dark" ? "light" : "dark"
    this.#showPicture()
  }

  /** The sliders of what goes by the view stand where the view has them. */
  #showCarry() {
    this.#showStops("half-life", "halfLife", [])
    this.#showStops("prune", "prune", [0])
  }

  /**
   * Options, and the one that is chosen, which may be none of them.
   * @param {string} id
   * @param {(string | number)[]} known
   * @param {string | number} value
   */
  #offer(id, known, value) {
    const select = this.#at(id), all = [...new Set([...known, value].map(String))]
    if ([...select.options].map(option => option.value).join() != all.join()) {
      select.replaceChildren(...all.map(name => new Option(name, name)))
    }
    select.value = String(value)
  }

  /** Sizes that the smallest trade may have, once trades are there. */
  #showTrades() {
    const {choice: {minTrade}, data, market} = this.#chart, stops = this.#stops
    if (stops.minTrade.length == 1 && data?.trades?.size.length) stops.minTrade = tradesOf(data.trades.size)
    if (!stops.minTrade.includes(minTrade)) stops.minTrade = [...stops.minTrade, minTrade].sort((a, b) => a - b)
    this.#at("min-trade").max = stops.minTrade.length - 1
    this.#setRange("min-trade", stops.minTrade.indexOf(minTrade), minTrade ? `${short(minTrade)} ${market.units.size}` : "any")
  }

  /** What follows from the picture, too. */
  #showPicture() {
    const {choice, picture, market} = this.#chart, ends = this.#cutoffs
    const unit = picture ? ` ${market.units.size}${perWords(choice.agg, picture.steps[1])}` : ""
    const words = picture ? [picture.scale.low, picture.scale.high].map(short) : ends.map(p => `${p} %`)
    ;["cut-low", "cut-high"].forEach((id, k) => this.#setRange(id, ends[k], words[k] + unit))
    this.#at("auto").checked = !choice.cutoffs && !choice.limits
    this.#showTrades()
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
    const value = this.#chart.asked[key], auto = isAuto(this.#chart.choice[key])
    if (!this.#stops[key].includes(value)) {
      this.#stops[key] = stopsOf(first, value)
      this.#at(id).max = this.#stops[key].length - 1
    }
    const words = key == "halfLife" && this.#chart.asked.carry ? MODEL : stopWords(value) + (auto ? " (auto)" : "")
    this.#setRange(id, this.#stops[key].indexOf(value), words)
  }

  /**
   * @param {string} id
   * @param {number} value
   * @param {string} words
   */
  #setRange(id, value, words) {
    showRange(this.#at(id), this.#at(`${id}-value`), value, words)
  }
}
