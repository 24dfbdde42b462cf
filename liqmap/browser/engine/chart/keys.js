// What keys do on a chart.

import {DURATIONS} from "../rules.js"
import {carryIn} from "../raster/auto_carry.js"
import {panned, zoomed} from "./view.js"

/** @typedef {import("./chart.js").Chart} Chart */
/** @typedef {import("./plot.js").Plot} Plot */

export const KEYS_SAID = "arrow keys pan, plus and minus zoom, 0 shows the first view, [ and ] change the half-life, " +
  "Escape removes the measure"

/** @type {Record<string, (plot: Plot) => import("./plot.js").View>} */
const VIEWS = {
  ArrowLeft: plot => panned(plot, plot.width / 10, 0),
  ArrowRight: plot => panned(plot, -plot.width / 10, 0),
  ArrowUp: plot => panned(plot, 0, plot.height / 10),
  ArrowDown: plot => panned(plot, 0, -plot.height / 10),
  "+": plot => zoomed(plot, 0.8, 0.8, middleOf(plot)),
  "=": plot => zoomed(plot, 0.8, 0.8, middleOf(plot)),
  "-": plot => zoomed(plot, 1.25, 1.25, middleOf(plot)),
}

/** @type {Record<string, (chart: Chart) => void>} */
const OTHERS = {
  Home: chart => chart.setView(chart.first),
  0: chart => chart.setView(chart.first),
  "[": chart => chart.choose({halfLife: stopBeside(halfLifeOf(chart), -1)}),
  "]": chart => chart.choose({halfLife: stopBeside(halfLifeOf(chart), 1)}),
  Escape: chart => chart.setMeasure(null),
}

/** @param {Plot} plot */
function middleOf({left, top, width, height}) {
  return [left + width / 2, top + height / 2]
}

/** Where the slider of half-lives stands, of which a model may make no use. @param {Chart} chart */
function halfLifeOf({choice, view: [begin, end]}) {
  return carryIn({...choice, carry: null}, end - begin).halfLife
}

/**
 * The stop of the slider of half-lives below or above one; the last where there is no further.
 * @param {number | null} halfLife ns; null for none, the highest
 * @param {1 | -1} way
 */
export function stopBeside(halfLife, way) {
  const now = halfLife ?? Infinity, stops = DURATIONS.map(stop => stop ?? Infinity)
  const found = way > 0 ? stops.find(stop => stop > now) : stops.findLast(stop => stop < now)
  return found === undefined ? halfLife : found == Infinity ? null : found
}

/**
 * Does what a key stands for.
 * @param {Chart} chart
 * @param {KeyboardEvent} event
 */
export function press(chart, event) {
  const {key} = event
  if ((event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph")) return
  if (key == "Escape" && !chart.measured) return
  if (Object.hasOwn(VIEWS, key)) chart.setView(VIEWS[key](chart.plot))
  else if (Object.hasOwn(OTHERS, key)) OTHERS[key](chart)
  else return
  event.preventDefault()
}
