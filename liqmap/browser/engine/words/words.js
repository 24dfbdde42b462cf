// Words and numbers for people.

import {rint, rounded} from "../numbers.js"
import {offsetOf} from "./zone.js"

/** ns of each unit. @type {Record<string, number>} */
export const NS = {ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 6e10, h: 3.6e12, d: 8.64e13}

/**
 * "30s", "90min", "none": in the largest unit of which it is a whole number.
 * @param {number | null} ns
 */
export function spelled(ns) {
  if (ns === null || ns === Infinity) return "none"
  const unit = Object.keys(NS).reverse().find(name => ns && ns % NS[name] == 0)
  return unit ? ns / NS[unit] + unit : "0s"
}

/**
 * The same as text has it: "30 s".
 * @param {number | null} ns
 */
export function duration(ns) {
  return spelled(ns).replace(/^([\d.]+)/, "$1 ")
}

/**
 * A stop of a slider: "30 s", "1.5 min", "none".
 * @param {number | null} ns
 */
export function stopWords(ns) {
  if (ns === null || ns === Infinity) return "none"
  const unit = ["h", "min", "s", "ms", "us", "ns"].find(name => ns >= NS[name] && 2 * ns % NS[name] == 0)
  return unit ? `${ns / NS[unit]} ${unit}` : "0"
}

/**
 * Thousands separated.
 * @param {string} text
 */
function grouped(text) {
  const [whole, ...rest] = text.split(".")
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...rest].join(".")
}

/**
 * A size as a tooltip says it: six digits at least.
 * @param {number} size
 */
export function exact(size) {
  return grouped(size >= 1e6 ? size.toFixed(0) : rounded(size, 6))
}

/**
 * To the millisecond below 10 s, to the second below 10 min, else to the minute.
 * @param {number} ns
 */
export function roundAge(ns) {
  const unit = ns < 1e10 ? NS.ms : ns < 6e11 ? NS.s : NS.min
  return rint(ns / unit) * unit
}

/**
 * How long ago: to a tenth of a second below 10 s, to the second below 2 min, to the minute below 2 h, else to the hour.
 * @param {number} ns
 */
export function agoWords(ns) {
  if (ns < 9.95e9) return `${rint(ns / 1e8) / 10} s ago`
  const [unit, name] = ns < 1.2e11 ? [NS.s, "s"] : ns < 7.2e12 ? [NS.min, "min"] : [NS.h, "h"]
  return `${rint(ns / unit)} ${name} ago`
}

/**
 * An amount of quote currency: whole from 100 on.
 * @param {number} amount
 */
export function money(amount) {
  return grouped(amount >= 100 ? amount.toFixed(0) : rounded(amount, 4))
}

/**
 * @param {number} value
 * @param {number} places decimals of the tick
 */
export function price(value, places) {
  return grouped(value.toFixed(places))
}

/**
 * What share of a picture is carried.
 * @param {number} share
 */
export function shareWords(share) {
  return `${(Math.floor(1000 * share + 0.5) / 10).toFixed(1)} % of the liquidity drawn is carried`
}

/**
 * Time of day of an instant, with as many digits as steps of so many ns need, and its date, as clocks of a zone show it.
 * @param {number} baseSeconds from the epoch to the day that instants are counted from
 * @param {number} ns
 * @param {number} step
 * @param {string} [zone]
 */
export function clock(baseSeconds, ns, step, zone = "UTC") {
  const seconds = Math.floor(ns / 1e9), since = baseSeconds + seconds
  const at = new Date((since + offsetOf(zone, since)) * 1000).toISOString()
  const digits = step >= 1e9 ? 0 : Math.min(9, Math.ceil(9 - Math.log10(step) - 1e-9))
  const fraction = digits ? "." + String(Math.round(ns - seconds * 1e9)).padStart(9, "0").slice(0, digits) : ""
  return {date: at.slice(0, 10), time: at.slice(11, 19) + fraction}
}

/**
 * @param {number | null} halfLife
 * @param {number | null} prune
 * @param {{halfLife?: boolean, prune?: boolean}} [auto] which go by what is in view, which is said of them
 * @param {{words: string} | null} [carry] a model instead of the half-life
 */
export function carryWords(halfLife, prune, auto = {}, carry = null) {
  if (prune === 0) return "as transmitted (prune 0)"
  const told = (ns, own) => own ? `${stopWords(ns)} (auto)` : duration(ns)
  const decay = carry ? `carried by ${carry.words}` : halfLife === null ? "no decay" : `half-life ${told(halfLife, auto.halfLife)}`
  return `${decay}, ${prune === null ? "no prune" : `prune ${told(prune, auto.prune)}`}`
}

/**
 * What a size is of: of a row of so many ticks a mean is told per tick.
 * @param {string} agg
 * @param {number} ticks
 */
export function perWords(agg, ticks) {
  return agg == "peak" || ticks == 1 ? "" : " a tick"
}
