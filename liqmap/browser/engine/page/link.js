// The choices and the view in the address, in the words of the app's links (liqmap.app.state.link), so that a link shows
// what its sender saw: #from=2025-11-28T14:30:00&half_life=2min&prune=none&layers=bbo. Only what differs from what the
// page opens with is written, and what cannot be read is left as it is.

import {AUTO, CHOICES, LAYERS, PRESETS} from "../rules.js"
import {NS, clock, spelled} from "../words/words.js"
import {isZone} from "../words/zone.js"

/**
 * @typedef {object} Opened what a page opens with
 * @property {Record<string, any>} choice
 * @property {import("../chart/plot.js").View} opened
 * @property {Record<string, {palettes: Record<string, any>}>} themes
 * @property {number} baseSeconds
 * @property {string[]} [layers] that there are
 *
 * @typedef {import("../chart/plot.js").View} View
 */

/** @type {Record<string, string>} */
const NAMES = {agg: "agg", palette: "palette", scaling: "scaling", carriedShown: "carried_shown", theme: "theme"}
const SIDES = ["bids", "asks"]
const VIEW = ["from", "to", "low", "high"]
/** @type {Record<string, string>} */
const OF_PYTHON = {start: "from", end: "to", overlays: "layers", row_ticks: "row"}
const WAIT = 250

const MOMENT = /^(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?)?Z?$/

/**
 * An instant.
 * @param {number} baseSeconds
 * @param {number} ns
 */
function momentText(baseSeconds, ns) {
  const {date, time} = clock(baseSeconds, Math.round(ns), 1)
  return `${date}T${time}`.replace(/\.?0+$/, "")
}

/**
 * And back; NaN where it is none.
 * @param {number} baseSeconds
 * @param {string} text
 */
function momentOf(baseSeconds, text) {
  const found = MOMENT.exec(text)
  if (!found) return NaN
  const parts = found.slice(1, 7).map(part => part === undefined ? undefined : Number(part))
  const [year, month, day = 1, hour = 0, minute = 0, second = 0] = parts
  const at = Date.UTC(year, month - 1, day, hour, minute, second), date = new Date(at)
  const same = date.getUTCMonth() == month - 1 && date.getUTCDate() == day && date.getUTCHours() == hour
  if (!same || minute > 59 || second > 59) return NaN
  return (at / 1000 - baseSeconds) * 1e9 + Number((found[7] ?? "").padEnd(9, "0"))
}

/**
 * ns; null for none; undefined where it is no duration.
 * @param {string} text
 */
export function durationOf(text) {
  if (text == "none") return null
  if (text == "0") return 0
  const [, number, unit] = /^([\d.e+-]+)([a-z]+)$/.exec(text) ?? []
  const ns = Math.round(Number(number) * NS[unit])
  return ns >= 0 ? ns : undefined
}

/**
 * A duration, none, or that it goes by what is in view.
 * @param {number | null | "auto"} ns
 */
function durationText(ns) {
  return ns === AUTO ? AUTO : ns === 0 ? "0" : spelled(/** @type {number | null} */ (ns))
}

/**
 * @param {Record<string, any>} choice
 * @param {View} view
 * @param {Opened} page
 */
export function addressOf(choice, view, {choice: first, opened, baseSeconds, layers = LAYERS}) {
  /** @type {[string, string][]} */
  const pairs = []
  const put = (name, text) => pairs.push([name, String(text)])
  const tell = (name, key, text) => String(choice[key]) == String(first[key]) || put(name, text(choice[key]))
  const onOff = value => value ? "on" : "off", named = key => tell(NAMES[key], key, String)
  view.forEach((v, k) => (
    v == opened[k] || put(VIEW[k], k < 2 ? momentText(baseSeconds, v) : Number(v.toPrecision(12)))
  ))
  if (choice.carry === first.carry) tell("half_life", "halfLife", durationText)
  else put("half_life", durationText(choice.halfLife))
  tell("prune", "prune", durationText)
  named("agg")
  tell("row", "rowTicks", ticks => ticks ?? "none")
  tell("min_size", "minSize", String)
  named("palette")
  named("scaling")
  tell("cutoffs", "cutoffs", cutoffs => cutoffs ?? "auto")
  tell("limits", "limits", limits => limits ?? "none")
  tell("carried", "carried", String)
  named("carriedShown")
  tell("opacity", "opacity", String)
  for (const name of ["stable", ...SIDES]) tell(name, name, onOff)
  const shown = layers.filter(name => choice[name])
  if (layers.some(name => choice[name] != first[name])) put("layers", shown.length ? shown : "none")
  tell("min_trade", "minTrade", String)
  named("theme")
  tell("time_zone", "timeZone", String)
  return pairs.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join("&").replace(/%2C|%2F|%3A/g, decodeURIComponent)
}

/**
 * Texts by name; of one that is given twice the last.
 * @param {string} address
 * @returns {Map<string, string>}
 */
function pairsOf(address) {
  const decoded = text => {
    try { return decodeURIComponent(text.replaceAll("+", " ")) } catch { return text }
  }
  const pairs = address.split("&").filter(pair => pair.includes("=")).map(pair => {
    const [name, ...text] = pair.split("=")
    return /** @type {[string, string]} */ ([OF_PYTHON[name] ?? decoded(name), decoded(text.join("="))])
  })
  return new Map(pairs)
}

/**
 * What an address says: choices, and a view or none.
 * @param {string} address
 * @param {Opened} page
 * @returns {{some: Record<string, any>, view: View | null}}
 */
export function readAddress(address, page) {
  /** @type {Record<string, any>} */
  const some = {}, query = pairsOf(address)
  Object.assign(some, PRESETS[query.get("preset")])
  const numbers = name => (query.get(name) ?? "").split(",").map(text => text.trim() === "" ? NaN : Number(text))
  const take = (key, value, good) => { if (good) some[key] = value }
  const [halfLife, prune] = ["half_life", "prune"].map(name => query.get(name) == AUTO ? AUTO : durationOf(query.get(name) ?? ""))
  take("prune", 0, query.get("view") == "as transmitted")  // the app's view of that name has no other carry
  take("halfLife", halfLife, halfLife === null || halfLife === AUTO || halfLife > 0)
  take("carry", null, page.choice.carry && "halfLife" in some)  // a half-life takes over from the page's own model
  take("prune", prune, prune !== undefined && query.get("view") != "as transmitted")
  for (const [key, name] of Object.entries(NAMES)) take(key, query.get(name), allowed(key, page).includes(query.get(name)))
  const [low, high] = numbers("cutoffs"), [from, to] = numbers("limits"), [least] = numbers("min_size")
  take("cutoffs", [low, high], low >= 0 && low < high && high <= 100)
  take("cutoffs", null, query.get("cutoffs") == "auto")
  take("limits", [from, to], from >= 0 && from < to && to < Infinity)
  take("limits", null, query.get("limits") == "none")
  for (const name of ["carried", "opacity"]) take(name, numbers(name)[0], numbers(name)[0] >= 0 && numbers(name)[0] <= 1)
  const [row] = numbers("row"), [trade] = numbers("min_trade"), zone = query.get("time_zone")
  take("rowTicks", row, Number.isInteger(row) && row >= 1 && row <= 1e9)
  take("rowTicks", null, query.get("row") == "none")
  take("minTrade", trade, trade >= 0 && trade < Infinity)
  take("timeZone", zone, zone && isZone(zone))
  for (const name of ["stable", ...SIDES]) take(name, query.get(name) == "on", ["on", "off"].includes(query.get(name)))
  take("minSize", least, least >= 0 && least < Infinity)
  if (query.has("layers")) for (const name of page.layers ?? LAYERS) some[name] = query.get("layers").split(",").includes(name)
  return readBefore(query, numbers, {some, view: viewOf(query, numbers, page)})
}

/**
 * The view; what the address leaves out is as the page opens.
 * @param {Map<string, string>} query
 * @param {(name: string) => number[]} numbers
 * @param {Opened} page
 * @returns {View | null}
 */
function viewOf(query, numbers, {opened, baseSeconds}) {
  const said = VIEW.map((name, k) => k < 2 ? momentOf(baseSeconds, query.get(name) ?? "") : numbers(name)[0])
  if (!said.some(Number.isFinite)) return null
  const [begin, end, low, high] = said.map((v, k) => Number.isFinite(v) ? v : opened[k])
  return begin < end && low < high ? [begin, end, low, high] : null
}

/**
 * What links of before said otherwise: `strength` for `carried`, that for `carried_shown`, sides among the layers, and
 * four numbers for the view.
 * @param {Map<string, string>} query
 * @param {(name: string) => number[]} numbers
 * @param {{some: Record<string, any>, view: View | null}} read
 * @returns {{some: Record<string, any>, view: any}}
 */
function readBefore(query, numbers, {some, view}) {
  const [strength] = numbers("strength"), shown = query.get("carried"), layers = query.get("layers")
  if (strength >= 0 && strength <= 1) some.carried = strength
  if (CHOICES.carriedShown.includes(shown)) some.carriedShown = shown
  if (layers === "" || layers?.split(",").some(name => SIDES.includes(name))) {
    for (const name of SIDES) some[name] = layers.split(",").includes(name)
  }
  const there = numbers("view")
  return {some, view: there.length == 4 && there[0] < there[1] && there[2] < there[3] ? there : view}
}

/** @param {string} key @param {Opened} page @returns {string[]} */
function allowed(key, {themes, choice}) {
  if (key == "theme") return Object.keys(themes)
  if (key == "palette") return Object.keys(themes[choice.theme].palettes)
  return CHOICES[key]
}

/** Keeps the address of a page as its chart is, and follows it. */
export class Link {
  #writing = 0

  /** @param {import("../chart/chart.js").Chart} chart @param {Opened} page */
  constructor(chart, page) {
    this.chart = chart
    this.page = page
    chart.addEventListener("choice", () => this.#write())
    chart.addEventListener("view", () => this.#write())
    window.addEventListener("hashchange", () => this.#follow())
  }

  #write() {
    clearTimeout(this.#writing)
    const {chart, page} = this
    const write = () => history.replaceState(null, "", "#" + addressOf(chart.choice, chart.view, page))
    this.#writing = setTimeout(write, WAIT)
  }

  #follow() {
    const {some, view} = readAddress(location.hash.slice(1), this.page), {chart, page} = this
    chart.choose({...page.choice, tool: chart.choice.tool, ...some})
    chart.setView(view ?? page.opened)
  }
}
