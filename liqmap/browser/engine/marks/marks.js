// The marks there are over the heatmap, each known by one registration: an entry of `MARKS`, of the name that its overlay
// has in Python. A host adds its own by giving a chart `[...MARKS, mine]`.

import {bubbles} from "./bubbles.js"
import {candles} from "./candles.js"
import {bbo, mid} from "./touch.js"
import {trust} from "./trust.js"

/**
 * What a mark is drawn over.
 * @typedef {object} Scene
 * @property {import("../chart/plot.js").Plot} plot where the view lies
 * @property {import("../chart/chart.js").Market} market
 * @property {Record<string, string>} colours of the theme, by name
 * @property {Record<string, any>} data what the source gave to be drawn over pictures: `touch`, `trades`, ...
 * @property {Record<string, any>} asked what is chosen, see `Chart.asked`
 * @property {string} zone that times are told in
 * @property {number | null} until what is later is not known yet, ns
 * @property {boolean} moving whether a mark may draw what it has of the view before, at its place in this one
 *
 * One line of a legend: a word after a line or a disc of a colour of the theme, or alone; or discs with their sizes. Of
 * entries with the same key the topmost is shown.
 * @typedef {{word: string, colour?: string, line?: boolean, key?: string, discs?: {radius: number, word: string}[]}} Entry
 */

/**
 * @template T what it tells of a view that it has drawn
 * @typedef {object} Layer one chart's; may keep what it works with
 * @property {(ctx: CanvasRenderingContext2D, scene: Scene) => T} draw
 * @property {(told: T, scene: Scene) => Entry[]} legend what a legend says of it; nothing where nothing is in view
 * @property {(told: T, scene: Scene, at: number[]) => import("../chart/readout.js").Line[] | null} [readout] what it says
 *   of itself at a place; null where there is nothing of it
 */

/**
 * @template T
 * @typedef {object} Mark
 * @property {string} name in choices, links and Python
 * @property {number} order rising from below to above
 * @property {boolean} [dims] whether the heatmap makes way for it by fading
 * @property {string} needs what of the data of a scene: without it nothing is drawn
 * @property {() => Layer<T>} make
 */

/** @type {Mark<any>[]} */
export const MARKS = [candles, bbo, mid, bubbles, trust]

/** Those whose data come with the spans. */
export const OF_SPANS = MARKS.filter(({needs}) => needs != "trust")
