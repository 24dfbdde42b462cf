// What a measure spans, as liqmap.app.views.measure has it.

import {price} from "./words.js"

/** @type {[number, string][]} */
const UNITS = [[86_400_000, "d"], [3_600_000, "h"], [60_000, "min"], [1000, "s"], [1, "ms"]]

/**
 * @param {number[]} times from and to, ns
 * @param {number[]} prices
 * @param {Pick<import("../chart/chart.js").Market, "tick" | "places" | "units" | "worth">} market
 */
export function measureWords(times, prices, {tick, places, units, worth}) {
  const ticks = Math.round((prices[1] - prices[0]) / tick), moved = ticks * tick
  const told = `${ticks.toLocaleString("en-US")} ticks = ${price(moved, places)} ${units.price}`.trim()
  const each = worth == "price" && units.price && units.size != "coins"
    ? `${tick.toFixed(places)} ${units.price} a tick and ${units.size}` : ""
  return [lengthWords(Math.abs(times[1] - times[0]) / 1e6), told, `${(100 * moved / prices[0]).toFixed(3)} %`, each]
    .filter(Boolean).join("  ·  ")
}

/**
 * The two largest units of a time in ms: "2 h 5 min".
 * @param {number} length
 */
function lengthWords(length) {
  const words = []
  let rest = Math.round(length)
  for (const [unit, name] of UNITS) {
    const n = Math.floor(rest / unit)
    if (n > 0 && words.length < 2 && (name != "ms" || length < 10_000)) words.push(`${n} ${name}`)
    rest -= n * unit
  }
  return words.join(" ") || "0 s"
}
