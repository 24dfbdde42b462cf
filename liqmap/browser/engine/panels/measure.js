// Panes of measures of a page without Python, from the values that it has: liqmap.render.marks.panes.

import {firstFrom} from "../book/search.js"
import {candleStep} from "../marks/candles.js"
import {niceStep} from "../raster/lattice.js"
import {NICE_TIMES, PANE} from "../rules.js"
import {clock, duration, exact, price} from "../words/words.js"

/** @typedef {import("../chart/plot.js").Plot} Plot */

/**
 * @typedef {object} Pane
 * @property {string} measure as people write it
 * @property {string} name the same with its unit
 * @property {number} pixels
 * @property {boolean} bars whether it is of the interval before each instant
 * @property {boolean} signed
 * @property {boolean} filled
 * @property {"shares" | "signed" | "none" | "fitted"} axis
 * @property {number | null} places
 * @property {[number, number][]} steps ns, from the shortest on, and the first instant of each
 *
 * Values at `first`, `first + step`, ..., each shown until the next; `wanted`: the step that the view asks for.
 * @typedef {{step: number, wanted: number, first: number, value: Float64Array}} Series
 */

/**
 * The values of a view, of the step that its pixels ask for or the next longer one that there is.
 * @param {Pane} pane
 * @param {Record<string, Float64Array>} columns
 * @param {Pick<Plot, "times" | "width">} plot
 * @returns {Series}
 */
export function seriesIn({measure, bars, steps}, columns, {times: [begin, end], width}) {
  const wide = Math.max(Math.round(width), 1)
  const wanted = bars ? candleStep(begin, end, wide) : niceStep((end - begin) * PANE.pixels / wide, NICE_TIMES)
  const [step, from] = steps.find(([one]) => one >= wanted) ?? steps[steps.length - 1] ?? [wanted, 0]
  const all = columns[`${measure} ${step}`] ?? new Float64Array()
  const first = Math.max(Math.floor(begin / step) - from / step, 0), last = Math.floor(end / step) - from / step + 1
  return {step, wanted, first: from + first * step, value: all.subarray(first, Math.max(first, last))}
}

/**
 * What a panel shows of them.
 * @param {Pane} pane
 * @param {Series} series
 * @param {Pick<Plot, "times">} plot
 * @param {{colours: Record<string, string>, baseSeconds: number, zone: string}} scene
 * @returns {import("../shapes/decode.js").PanelContent}
 */
export function paneOf(pane, series, {times: [begin, end]}, {colours, baseSeconds, zone}) {
  const {step, wanted, first, value} = series, [shortest] = pane.steps[0] ?? [0], time = k => first + k * step
  const until = k => k == value.length - 1 ? Math.min(time(k) + step, Math.max(end, time(k))) : time(k + 1)
  const line = lineOf(Float64Array.from(value, (_, k) => time(k)), value, until, pane.bars, colours.delta)
  const zero = {...line, x: Float64Array.of(begin, end), y: Float64Array.of(0, 0), colour: colours.grid, width: 1, steps: false}
  const low = Float64Array.from(value, (_, k) => time(k) - (pane.bars ? step : 0))
  const said = v => Number.isFinite(v) ? pane.places === null ? exact(v) : price(v, pane.places) : "not known"
  const label = pane.bars ? ` in ${duration(step)}` : wanted < shortest ? `, every ${duration(step)}` : ""
  return {
    shapes: pane.filled ? [fillOf(pane, value, time, until, step, colours), zero, line] : [line],
    axis: {...endsOf(pane.axis, value.filter(Number.isFinite)), label: pane.name + label}, second: null, title: "",
    told: {
      low, high: low.map(at => at + step), names: ["from", pane.name],
      words: Array.from(value, (v, k) => [clock(baseSeconds, low[k], 1e6, zone).time, said(v)]),
    },
  }
}

/** @returns {import("../shapes/decode.js").LineShape} */
function lineOf(time, value, until, bars, colour) {
  const x = bars ? [] : [...time], y = bars ? [] : [...value]
  if (x.length) [x[x.length], y[y.length]] = [until(x.length - 1), y[y.length - 1]]
  return {kind: "line", x: Float64Array.from(x), y: Float64Array.from(y), colour, width: PANE.line, steps: true, second: false}
}

/** From zero to each value: of a measure over an interval as long as that is. @returns {import("../shapes/decode.js").BoxesShape} */
function fillOf({bars, signed}, value, time, until, step, colours) {
  const known = [...value.keys()].filter(k => Number.isFinite(value[k])), inset = bars ? Math.floor(step / 20) : 0
  const column = at => Float64Array.from(known, at)
  return {
    kind: "boxes", x0: column(k => time(k) - (bars ? step : 0) + inset), x1: column(k => (bars ? time(k) : until(k)) - inset),
    y0: column(k => Math.min(value[k], 0)), y1: column(k => Math.max(value[k], 0)),
    colour: Uint8Array.from(known, k => value[k] < 0 ? 1 : 0), colours: signed ? [colours.buy, colours.sell] : [colours.accent, colours.accent],
    alpha: bars ? 1 : PANE.alpha, rim: 0, told: null,
  }
}

/** From and to of the axis. @param {Pane["axis"]} axis @param {Float64Array} values that are known */
export function endsOf(axis, values) {
  const {margin} = PANE
  if (axis == "shares") return {low: -1 - margin, high: 1 + margin}
  const high = values.reduce((most, v) => Math.max(most, v), -Infinity), low = values.reduce((least, v) => Math.min(least, v), Infinity)
  const most = (axis == "signed" ? Math.max(high, -low) : Math.max(high, 0)) || 1
  if (axis == "signed") return values.length ? {low: -most * (1 + margin), high: most * (1 + margin)} : {low: -1 - margin, high: 1 + margin}
  if (axis == "none") return {low: 0, high: values.length && high > 0 ? high * (1 + margin) : 1}
  if (!values.length) return {low: -margin, high: 1 + margin}
  const room = margin * (high - low || Math.abs(high) || 1)
  return {low: low - room, high: high + room}
}

/**
 * Has panels show panes of a page's values, whenever what is in view changes.
 * @param {import("./board.js").Board} board
 * @param {import("../chart/chart.js").Chart} chart
 * @param {Pane[]} panes
 * @param {Record<string, Float64Array>} columns
 */
export function showPanes(board, chart, panes, columns) {
  const panels = panes.map(({measure, pixels}) => {
    return {panel: /** @type {import("./panel.js").Panel | null} */ (null), about: {name: measure, shares: /** @type {"time"} */ ("time"), pixels}}
  })
  let shown = ""
  const show = () => {
    const {plot, theme, choice, market} = chart, state = [...plot.times, plot.width, choice.theme, choice.timeZone].join()
    if (state == shown) return
    shown = state
    for (const [k, {panel}] of panels.entries()) {
      const series = seriesIn(panes[k], columns, plot)
      panel?.show(paneOf(panes[k], series, plot, {colours: theme.css, baseSeconds: market.baseSeconds, zone: choice.timeZone}))
    }
  }
  for (const name of ["marks", "choice"]) chart.addEventListener(name, show)  // before the panels', which draw what they have
  for (const one of panels) one.panel = board.panel(chart, one.about)
  show()
}
