// A live market on its charts: what has come is appended, the view follows it, and a sign says how it stands.

import {NO_QUOTE} from "../rules.js"
import {afterHand, glided, isAtEdge, pricesAt, timesAt, wholeAt} from "./following.js"
import {Growing} from "./growing.js"
import {Sign} from "./sign.js"

/** @typedef {import("../chart/chart.js").Chart} Chart */
/** @typedef {import("../chart/plot.js").View} View */
/** @typedef {import("./growing.js").News} News */

/**
 * @typedef {object} Follow how Python has a live view
 * @property {boolean} follows
 * @property {number} length ns
 * @property {[number, number] | null} prices chosen; null for those around the price
 * @property {[number, number]} around as high as the price went of late, and a window
 *
 * @typedef {object} Host
 * @property {() => Chart[]} charts the last one has the sign
 * @property {import("../source/worker_source.js").WorkerSource | null} source of spans; null where Python draws
 * @property {() => boolean} isBusy whether a hand is at a slider
 * @property {() => void} grown something has come, which Python may draw
 * @property {() => void} looked a hand of the sign has changed where it looks
 * @property {() => void} reopen all is to be told anew
 */

/** The sign, and the edge of a market that is silent, go on so often, ms. */
const TICK_MS = 250

/** The edge goes on with the clock once nothing has come for so long, ns. */
const STILL = 1e9

/** The price is brought back to the middle within so long, ms. */
const GLIDE_MS = 450

/** Pictures that Python draws are asked for anew at most so often, ms. */
const REDRAW_MS = 500

export class Live {
  follows = true
  #isHeld = false
  #isClosed = false
  #host
  #growing
  /** @type {Sign | null} */
  #sign = null
  #over = new AbortController()
  #ticking
  #whole
  #last
  #heardAt = performance.now()
  #silence = 0
  #length = 300e9
  /** @type {[number, number]} */
  #prices = [0, 1]
  #isChosen = false
  /** Where it looks at first, and back again by double click. @type {Follow} */
  #home
  /** On their way. @type {{from: [number, number], to: [number, number], began: number} | null} */
  #glide = null
  #redrawn = 0

  /**
   * @param {Host} host
   * @param {import("../host/channel.js").Channel} channel
   * @param {{whole: View, last: number, number: number, follow: Follow}} given number: the update that the page has
   */
  constructor(host, channel, {whole, last, number, follow}) {
    this.#host = host
    this.#whole = whole
    this.#last = last
    this.look(follow)
    this.#growing = new Growing(channel, number, {take: news => this.#take(news), isBusy: host.isBusy})
    this.#ticking = setInterval(() => this.#tick(), TICK_MS)
  }

  close() {
    this.#growing.close()
    clearInterval(this.#ticking)
    this.#over.abort()
  }

  /** The update that is shown. */
  get number() {
    return this.#growing.number
  }

  /** What Python hears of where it looks; null where it does not follow. */
  get report() {
    return this.follows ? {length: this.#length, prices: this.#isChosen ? this.#prices : null} : null
  }

  /** Where it looks now. @returns {View} */
  get view() {
    const {plot} = this.#chart ?? {plot: {width: 1000}}
    return [...timesAt(this.#edge, this.#length, plot.width), ...this.#prices]
  }

  /** Python says where to look. @param {Follow} follow */
  look(follow) {
    this.#home = follow
    this.follows = follow.follows
    this.#isHeld = false
    this.#length = follow.length
    this.#isChosen = Boolean(follow.prices)
    this.#prices = follow.prices ?? follow.around
    this.#glide = null
    if (this.#sign) this.#tick()
  }

  /** Charts have been made. @param {Chart[]} charts */
  attach(charts) {
    this.#over.abort()
    this.#over = new AbortController()
    const {signal} = this.#over, chart = charts.at(-1)
    this.#sign = new Sign(chart.root, {go: () => this.go(), hold: () => this.hold()})
    for (const one of charts) one.root.addEventListener("keydown", event => this.#press(event), {signal})
    this.#tick()
  }

  /** Follow again: the price in the middle, and as much in view as there is. */
  go() {
    this.follows = true
    this.#isHeld = this.#isChosen = false
    this.#recentre(true)
    this.#tick()
    this.#host.looked()
  }

  /** Hold the view where it is. */
  hold() {
    this.follows = false
    this.#isHeld = true
    this.#glide = null
    this.#tick()
    this.#host.looked()
  }

  /** A hand has moved a chart. @param {Chart} chart */
  hand(chart) {
    const {view, gestures} = chart, before = this.view
    if (String(view) == String(chart.first)) {
      this.look({...this.#home, follows: true, prices: null})
      this.#recentre(true)
      return
    }
    const isFollowing = this.follows
    if (isFollowing) {
      const {follows, length, prices} = afterHand(before, view, Boolean(gestures.box))
      this.follows = follows
      if (follows) this.#length = length
      if (prices == "chosen") this.#isChosen = true
    } else if (!this.#isHeld && isAtEdge(view, this.#edge)) {
      this.follows = true
      this.#length = view[1] - view[0]
    }
    this.#prices = [view[2], view[3]]
    this.#glide = null
    if (this.follows && !gestures.isHeld) this.#show()
    this.#tell()
  }

  get #chart() {
    return this.#host.charts().at(-1)
  }

  /** s since anything was heard, by the server's clock and what has passed here since. */
  get #silent() {
    return this.#silence + (performance.now() - this.#heardAt) / 1e3
  }

  /** The newest message; of a market that is silent the clock goes on from there. */
  get #edge() {
    return this.#last + (this.#isClosed ? 0 : Math.max(this.#silent * 1e9 - STILL, 0))
  }

  /** @param {News} news */
  async #take(news) {
    if (!news.packs) return this.#host.reopen()
    const {source} = this.#host, come = []
    if (source) {
      for (const [k, pack] of news.packs.entries()) {
        come.push(await source.append(k == news.packs.length - 1 ? {...pack, sizes: news.sizes} : pack))
      }
    }
    const [begin, end] = this.#whole
    this.#whole = [begin, Math.max(end, news.last), ...news.prices]
    this.#last = news.last
    this.#silence = news.silence
    this.#heardAt = performance.now()
    this.#isClosed = news.closed
    if (this.follows) this.#recentre()
    const charts = this.#host.charts()
    if (news.packs.length) {
      for (const chart of charts) this.#append(chart, come)
      this.#host.grown()
    }
    this.#tick()
  }

  /** @param {Chart} chart @param {import("../book/append.js").Come[]} come */
  #append(chart, come) {
    if (this.#host.source) {
      if (!chart.data) return  // it is being opened, and gets what has come with all else
      this.#place(chart)
      for (const one of come) chart.append(one)
    } else if (performance.now() - this.#redrawn >= REDRAW_MS) {
      this.#redrawn = performance.now()
      chart.market = {...chart.market, last: this.#last}
      this.#place(chart)
      chart.requestDraw()
      chart.refresh()
    }
  }

  /** The view of now, without having it drawn yet. @param {Chart} chart */
  #place(chart) {
    const {gestures} = chart
    chart.whole = wholeAt(this.#whole, this.#edge, {length: this.#length, home: this.#home.length})
    chart.first = this.#homeView(chart)
    if (this.follows && !gestures.isHeld) chart.view = this.view
  }

  /** @param {Chart} chart @returns {View} */
  #homeView({plot}) {
    const {length, around} = this.#home, tall = around[1] - around[0], middle = (this.#prices[0] + this.#prices[1]) / 2
    return [...timesAt(this.#edge, length, plot.width), middle - tall / 2, middle + tall / 2]
  }

  #tick() {
    this.#show()
    const chart = this.#chart
    if (!chart || !this.#sign) return
    this.#sign.show({
      follows: this.follows, isConnected: this.#growing?.isConnected ?? true, isClosed: this.#isClosed,
      silence: this.#silent, behind: this.#edge - chart.view[1],
    })
  }

  /** Looks where it is to look. */
  #show() {
    for (const chart of this.#host.charts()) {
      const before = String(chart.view)
      this.#place(chart)
      if (chart.data && !("live" in chart.data)) chart.setData({live: true})
      if (String(chart.view) != before) chart.setView(chart.view, {quiet: true})
    }
  }

  /** Brings the price back to the middle, if it has left the middle part. @param {boolean} [anyway] */
  #recentre(anyway = false) {
    const chart = this.#chart
    if (!chart?.data || this.#isChosen || this.#glide || chart.gestures.isHeld) return
    const {market: {tick}} = chart, mid = midOf(chart), [low, high] = this.#prices
    const to = anyway && mid === mid ? pricesAt([mid + tick, mid + tick + high - low], mid, tick) : pricesAt([low, high], mid, tick)
    if (to[0] == low && to[1] == high) return
    this.#glide = {from: [low, high], to, began: performance.now()}
    requestAnimationFrame(() => this.#glideOn())
  }

  #glideOn() {
    if (!this.#glide) return
    const {from, to, began} = this.#glide, share = (performance.now() - began) / GLIDE_MS
    this.#prices = glided(from, to, share)
    if (share >= 1) this.#glide = null
    else requestAnimationFrame(() => this.#glideOn())
    if (this.follows) this.#show()
  }

  #tell() {
    if (this.#sign) this.#tick()
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key == "End") this.go()
    else if (event.key == " ") this.follows ? this.hold() : this.go()
    else return
    event.preventDefault()
  }
}

/** The mid as it was told last; NaN where none is known. @param {Chart} chart */
function midOf({data: {touch, last}, market: {tick}}) {
  if (!touch) return last?.price ?? NaN
  const [bid, ask] = touch.map(({tick: ticks}) => ticks.length ? ticks[ticks.length - 1] : NO_QUOTE)
  return bid < NO_QUOTE && ask < NO_QUOTE ? (bid + ask) / 2 * tick : NaN
}
