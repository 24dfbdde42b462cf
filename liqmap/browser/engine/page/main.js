// The standalone page: one chart, its controls, legend and link; and `window.liqmap` for programs.

import {decodeColumns} from "../book/decode.js"
import {unpack} from "../book/unpack.js"
import {Chart} from "../chart/chart.js"
import {footprint} from "../marks/footprint_mark.js"
import {MARKS} from "../marks/marks.js"
import {stacking, stacksOf} from "../marks/stacking.js"
import {numbersOf, trackMark} from "../marks/track.js"
import {Board} from "../panels/board.js"
import {showPanes} from "../panels/measure.js"
import {WorkerSource} from "../source/worker_source.js"
import {Controls} from "./controls.js"
import {Legend} from "./legend.js"
import {Link, readAddress} from "./link.js"

/** @param {string} id @returns {any} */
const at = id => document.getElementById(id)

const meta = JSON.parse(at("meta").textContent)
const {tick, places, units, worth, last, themes, sizes, layers, tables} = meta
const baseSeconds = Number(BigInt(meta.spans.base) / 1000000000n)
const page = {choice: meta.choice, opened: meta.opened, themes, baseSeconds, layers}

/** @param {any} error */
function fail(error) {
  at("notice").textContent = `This page cannot draw: ${error}. It needs a browser of 2023 or later.`
  at("notice").hidden = false
  throw error
}

const given = readAddress(location.hash.slice(1), page)
const source = new WorkerSource(at("worker").textContent, {data: at("spans").textContent, header: meta.spans, tick, sizes})
const board = new Board(at("chart"))
const chart = new Chart(board.chartHost, {
  source,
  market: {tick, places, units, worth, base: meta.spans.base, baseSeconds, last},
  themes,
  choice: {...meta.choice, ...given.some},
  marks: [...MARKS, ...tables.tracks.map(trackMark), ...meta.footprint ? [footprint] : [], ...tables.stacking ? [stacking] : []],
  whole: meta.view,
  view: given.view ?? meta.opened,
})

/** The colours of the theme, on the page around the chart. */
function dress() {
  const {style, dataset} = document.documentElement, {css, light} = chart.theme
  dataset.theme = chart.choice.theme
  for (const [name, colour] of Object.entries(css)) style.setProperty(`--${name}`, colour)
  style.colorScheme = light ? "light" : "dark"
}

async function start() {
  at("spans").remove()
  at("source").textContent = at("source").title = meta.source
  dress()
  chart.addEventListener("choice", dress)
  chart.addEventListener("error", event => fail(/** @type {CustomEvent} */ (event).detail))
  new Controls(chart, document, meta.choice, layers)
  new Legend(chart, document)
  new Link(chart, page)
  const numbers = decodeColumns(await unpack(at("tables").textContent), tables.columns)
  if (tables.panes.length) showPanes(board, chart, tables.panes, numbers)
  await chart.open()
  chart.setData(Object.fromEntries(tables.tracks.map(track => [track.name, numbersOf(track, numbers)])))
  if (tables.stacking) chart.setData({stacking: stacksOf(tables.stacking, numbers)})
  if (meta.footprint) chart.setData({footprint: meta.footprint})
  if (meta.trust) chart.setData({trust: meta.trust})
  at("notice").hidden = true
}

const ready = start().catch(fail)

Object.assign(window, {liqmap: {
  meta,
  ready,
  chart,
  choice: chart.choice,
  choose: some => chart.choose(some),
  setView: view => chart.setView(view),
  get view() { return chart.view },
  get picture() { return chart.picture },
  // What lies over the picture: stretches of the touch, bubbles.
  get marks() { return chart.told },
  plot: () => chart.plot,
  painted: () => chart.painted(),
  // The last picture once more, as a measure of painting alone.
  paintAgain: () => chart.drawPicture(),
  // Once nothing is left that can be done ahead.
  rested: () => source.call("rested"),
  // The edges and cells of the picture last drawn.
  drawn: () => source.call("drawn"),
  // Cells of any edges: ns since `meta.spans.base`, and ticks; half-life and prune in ns, null for none, or a model.
  grid: async (edges, rows, halfLife, prune, agg, carry = null) => {
    await ready
    return source.call("grid", {edges, rows, halfLife, prune, agg, carry})
  },
}})
