// Lines that run along with the trades, from the numbers and weights that Python wrote: liqmap.render.marks.tracks.

import {accumulate} from "../book/decode.js"
import {firstAfter} from "../book/search.js"
import {niceStep} from "../raster/lattice.js"
import {NICE_TIMES, TRACK} from "../rules.js"
import {drawShapes} from "../shapes/draw.js"
import {price as priceWords} from "../words/words.js"

/** @typedef {import("./marks.js").Scene} Scene */

/**
 * A price: an offset and columns by weights; in facts with so many decimals.
 * @typedef {{weights: number[], offset: number, places?: number}} Sum
 *
 * @typedef {{time: ArrayLike<number>, columns: ArrayLike<number>[]}} Numbers each until the next
 *
 * @typedef {object} Track
 * @property {string} name
 * @property {number} order
 * @property {number} step ns of the steps that it is told in; 0: at every time
 * @property {number} origin
 * @property {number} unit ns that its times are counted in
 * @property {number} columns how many
 * @property {(Sum & {tone: string, width: number})[]} curves
 * @property {{name: string, prices: Sum[]}[]} facts
 * @property {number} apart ns from one of its times to the next, where a page has not all of them; else 0
 * @property {string} every the same in words
 * @property {import("./marks.js").Entry[]} legend
 * @property {number[]} days from which sums count anew
 * @property {string[]} since
 */

/**
 * A mark of a track, whose numbers are in `data[name]`.
 * @param {Track} track
 * @returns {import("./marks.js").Mark<Numbers>}
 */
export function trackMark(track) {
  const {name, order} = track
  return {name, order, needs: name, make: () => ({
    draw(ctx, {data, plot, colours, until}) {
      const found = inView(stepped(data[name], track, plot), plot, Math.round(plot.width), until)
      drawShapes(ctx, linesOf(track, found, colours), plot)
      return found
    },
    legend: ({time}, {plot}) => time.length ? legendOf(track, plot) : [],
    readout: (found, scene, at) => readoutOf(track, found, scene, at),
  })}
}

/**
 * The numbers of a track among those of a page.
 * @param {Track} track
 * @param {Record<string, Float64Array>} columns
 * @returns {Numbers}
 */
export function numbersOf({name, origin, unit, columns: count}, columns) {
  return {
    time: accumulate(columns[`${name}.time`], unit, origin),
    columns: Array.from({length: count}, (_, k) => columns[`${name}.${k}`]),
  }
}

/**
 * Of a track that is told in steps, those of the view: as fine as its pixels, no finer than they are there.
 * @param {Numbers} numbers
 * @param {Pick<Track, "step">} track
 * @param {{times: number[], width: number}} plot
 * @returns {Numbers}
 */
export function stepped({time, columns}, {step}, {times: [begin, end], width}) {
  const wanted = Math.max((end - begin) * TRACK.step / Math.max(Math.round(width), 1), TRACK.shortest)
  const coarse = step && NICE_TIMES.find(one => one >= wanted && one % step == 0)
  if (!coarse || coarse == step) return {time, columns}
  const last = [], ends = []
  for (let i = 0; i < time.length; i++) {
    const stop = Math.ceil(time[i] / coarse) * coarse
    if (ends[ends.length - 1] == stop) last[last.length - 1] = i
    else {
      last.push(i)
      ends.push(stop)
    }
  }
  return {time: ends, columns: columns.map(column => last.map(i => column[i]))}
}

/**
 * Numbers of a view; where they are denser than so many pixels, the last of each column. The last ones end it.
 * @param {Numbers} numbers
 * @param {{times: number[]}} plot
 * @param {number} pixels
 * @param {number | null} until
 * @returns {Numbers}
 */
export function inView({time, columns}, {times: [begin, stop]}, pixels, until) {
  const end = until === null ? stop : Math.min(stop, until)
  const first = Math.max(firstAfter(time, 0, time.length, begin) - 1, 0), last = firstAfter(time, 0, time.length, end)
  if (end <= begin || first >= last) return {time: [], columns: columns.map(() => [])}
  const wide = Math.max(Math.floor((end - begin) / Math.max(pixels, 1)), 1), isDense = last - first > 2 * pixels
  const column = i => Math.floor((time[i] - begin) / wide), kept = []
  for (let i = first; i < last; i++) if (!isDense || i == last - 1 || column(i + 1) != column(i)) kept.push(i)
  const closing = kept[kept.length - 1]
  return {
    time: [...kept.map(i => Math.max(time[i], begin)), end],
    columns: columns.map(values => [...kept.map(i => values[i]), values[closing]]),
  }
}

/**
 * The price of a sum at a place; a column without weight does not count.
 * @param {Sum} sum
 * @param {ArrayLike<number>[]} columns
 * @param {number} i
 */
export function priceAt({weights, offset}, columns, i) {
  return weights.reduce((price, weight, k) => weight ? price + weight * columns[k][i] : price, offset)
}

/**
 * @param {Track} track
 * @param {Numbers} found
 * @param {Record<string, string>} colours
 * @returns {import("../shapes/decode.js").LineShape[]}
 */
export function linesOf({curves}, {time, columns}, colours) {
  const x = Float64Array.from(time)
  return curves.map(({tone, width, ...price}) => (
    {kind: "line", x, y: x.map((_, i) => priceAt(price, columns, i)), colour: colours[tone], width, steps: true, second: false}
  ))
}

/**
 * What a legend says: of how long steps the lines are, where more pixels than those show them.
 * @param {Track} track
 * @param {Pick<import("../chart/plot.js").Plot, "times" | "width">} plot
 */
export function legendOf({legend, apart, every}, {times: [begin, end], width}) {
  const isCoarse = apart > (end - begin) / width
  return legend.map((entry, k) => isCoarse && !k ? {...entry, word: `${entry.word}, every ${every}`} : entry)
}

/**
 * What the last curve says of itself at a place.
 * @param {Track} track
 * @param {Numbers} found
 * @param {Scene} scene
 * @param {number[]} at
 */
export function readoutOf(track, {time, columns}, {plot, colours}, [x, y]) {
  const i = firstAfter(time, 0, time.length, plot.time(x)) - 1, main = track.curves[track.curves.length - 1]
  if (i < 0 || i >= time.length - 1) return null
  if (!(Math.abs(plot.y(priceAt(main, columns, i)) - y) <= TRACK.reach)) return null
  const said = track.facts.map(({name, prices}) => `${name} ${prices.map(sum => wordsOf(sum, columns, i)).join(" – ")}`)
  const day = firstAfter(track.days, 0, track.days.length, time[i]) - 1
  const [first, ...more] = [...said, `${TRACK.since} ${day < 0 ? "–" : track.since[day]}`]
  return [{words: first, colour: colours[main.tone]}, {words: more.join("  ·  "), faint: true}]
}

/** @param {Sum} sum @param {ArrayLike<number>[]} columns @param {number} i */
function wordsOf(sum, columns, i) {
  const found = priceAt(sum, columns, i)
  return Number.isNaN(found) ? "–" : priceWords(found, sum.places)
}
