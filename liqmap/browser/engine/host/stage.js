// What an app shows of a session: one chart with its panels, or two beside each other; kept as its Python says.

import {Chart} from "../chart/chart.js"
import {isInside} from "../chart/plot.js"
import {EDGE_MARK} from "../live/edge.js"
import {Live} from "../live/live.js"
import {OF_SPANS} from "../marks/marks.js"
import {Board} from "../panels/board.js"
import {WORKER} from "../scripts.js"
import {shapesMark} from "../shapes/mark.js"
import {WorkerSource} from "../source/worker_source.js"
import {STYLES} from "../styles.js"
import {Busy} from "./busy.js"
import {Channel} from "./channel.js"
import {Drawn} from "./drawn.js"
import {FirstSource} from "./first_source.js"
import {HostSource} from "./host_source.js"
import {Local} from "./local.js"
import {Toolbar} from "./toolbar.js"

/**
 * @typedef {object} Scene a session as it is opened
 * @property {string} key another for every session
 * @property {"page" | "python"} drawn where its pixels are made
 * @property {import("../chart/chart.js").Market} market
 * @property {import("../chart/plot.js").View} whole
 * @property {{name: string, order: number}[]} overlays all there are
 * @property {number} [live] of a session that grows, the update that it is of
 *
 * @typedef {object} Looking
 * @property {import("../chart/plot.js").View} view
 * @property {import("../chart/plot.js").View} first what it begins with
 * @property {number | null} until as far as it is played, ns
 * @property {number} count of the moves that Python makes, but for those of the play
 * @property {number} hand the last view by hand that Python has heard of
 * @property {import("../live/live.js").Follow} [live] of a session that grows
 *
 * @typedef {object} Layout
 * @property {{name: string, shares: "price" | "time", pixels: number}[]} panels
 * @property {boolean} both whether the book as transmitted stands beside it
 *
 * Models of the market, by the names that a choice of `carry` has for them.
 * @typedef {Record<string, import("../raster/weight.js").Model & {name: string}>} Models
 *
 * @typedef {{scene: Scene, themes: Record<string, any>, models: Models, choice: Record<string, any>, looking: Looking,
 *   layout: Layout}} Parts
 */

/** A hand tells where it looks at most so often, and a market that grows what its picture shows, ms. */
const TELL_MS = 60, TELL_LIVE_MS = 1000

/** A hand that chose by a slider within so long is at it still, ms. */
const AT_SLIDER_MS = 300

/** What is fixed of a picture of the book as transmitted, and of any other. */
const TRANSMITTED = {prune: 0}, NONE = {}

export class Stage {
  /** What Python gives, each anew when it changes. */
  static parts = /** @type {const} */ (["themes", "models", "scene", "layout", "choice", "looking"])
  /** @type {Chart[]} */
  charts = []
  /** @type {Board | null} */
  board = null
  /** @type {Record<string, import("../panels/panel.js").Panel>} */
  panels = {}
  /** @type {Parts} */
  #parts
  #channel
  #element
  #busy
  #drawn
  /** The spans that the page has, and of which session. @type {{key: string, source: WorkerSource, contents: Promise<any>} | null} */
  #spans = null
  /** @type {{key: string, live: Live} | null} */
  #live = null
  #slid = 0
  #local = new Local(choice => this.#apply(choice))
  /** What dragging does, on all charts. @type {import("../chart/chart.js").Choice["tool"]} */
  #tool = "pan"
  /** @type {Set<keyof Parts>} */
  #taken = new Set()
  /** Charts that Python draws until the page has the spans. @type {WeakSet<Chart>} */
  #opening = new WeakSet()
  #telling = 0
  #resting = 0
  #built = 0
  /** How many views hands have chosen. */
  #hands = 0
  /** The last move of Python that was followed. */
  #followed = -1

  /** @param {HTMLElement} element @param {import("./channel.js").Wire} wire */
  constructor(element, wire) {
    this.#element = element
    element.append(Object.assign(document.createElement("style"), {textContent: STYLES}))
    this.#channel = new Channel(wire)
    this.#busy = new Busy(element)
    this.#drawn = new Drawn(this, this.#channel, this.#busy)
  }

  /** @param {Parts} parts */
  open(parts) {
    this.#parts = {...parts}
    this.#local.heard(this.#choice)
    this.#build()
  }

  close() {
    this.#clear()
    this.#live?.live.close()
    this.#spans?.source.close()
    this.#channel.close()
    this.#local.close()
  }

  /** Where the pixels are made. */
  get drawn() {
    return this.#parts.scene.drawn
  }

  /** Of a session that grows, what keeps it growing; null for another. */
  get live() {
    return this.#live?.live ?? null
  }

  /** The chart that follows the choices. */
  get chart() {
    return this.charts.at(-1)
  }

  /**
   * Another of its parts; those that come together are taken together.
   * @template {keyof Parts} Name
   * @param {Name} name
   * @param {Parts[Name]} part
   */
  take(name, part) {
    if (!this.#taken.size) queueMicrotask(() => this.#taking())
    this.#taken.add(name)
    this.#parts[name] = part
  }

  #taking() {
    const taken = new Set(this.#taken)
    this.#taken.clear()
    if (taken.has("themes")) for (const chart of this.charts) chart.themes = this.#parts.themes
    if (taken.has("scene") || taken.has("layout")) this.#build()
    else if (taken.has("looking")) this.#look()
    if (taken.has("choice") || taken.has("models")) this.#local.heard(this.#choice)
  }

  /** The colours of the theme, for what stands around the charts. */
  #dress() {
    for (const [name, colour] of Object.entries(this.chart.theme.css)) this.#element.style.setProperty(`--${name}`, colour)
  }

  /** Python's choices, with the model that they name. @returns {Record<string, any>} */
  get #choice() {
    const {choice, models} = this.#parts
    return {...choice, carry: models[choice.carry] ?? null}
  }

  /**
   * What a hand chooses by a slider of the page, before Python hears of it: a half-life takes over from a model.
   * @param {Record<string, any>} some
   */
  choose(some) {
    this.#slid = performance.now()
    this.#local.chosen("halfLife" in some ? {carry: null, ...some} : some)
  }

  /** @param {Record<string, any>} choice */
  #apply(choice) {
    const spelled = JSON.stringify
    for (const chart of this.charts) {
      const changed = Object.entries(choice).filter(([name, value]) => spelled(value) != spelled(chart.choice[name]))
      const some = Object.fromEntries(changed)
      if ("halfLife" in some && "carry" in choice) some.carry = choice.carry  // which a half-life would else take over from
      if (changed.length) chart.choose(some)
    }
    if (!this.chart) return
    this.#override(this.chart)
    this.#dress()
    this.#drawn.ask()
  }

  #look() {
    const {view, first, until, count, hand, live} = this.#parts.looking
    const isOld = count == this.#followed && hand < this.#hands  // the play's, from before a hand moved
    this.#followed = count
    if (this.live && live) {
      this.live.look(live)
      if (live.follows) return this.#drawn.moved()
    }
    for (const chart of this.charts) {
      chart.first = first
      chart.setUntil(until)
      if (!isOld) chart.setView(view, {quiet: true})
    }
    this.#drawn.moved()
  }

  #clear() {
    clearTimeout(this.#telling)
    clearTimeout(this.#resting)
    for (const panel of Object.values(this.panels)) panel.close()
    for (const chart of this.charts) chart.close()
    this.charts = []
    this.panels = {}
    this.#drawn.forget()
    this.board?.close()
    this.board = null
  }

  /** Makes charts and panels anew. */
  #build() {
    this.#clear()
    const {scene, layout} = this.#parts
    if (!scene.market) return
    const built = ++this.#built
    this.board = new Board(this.#element)
    const hosts = layout.both ? halves(this.board.chartHost) : [this.board.chartHost]
    const sources = this.#sources(hosts.length)
    this.charts = hosts.map((host, k) => this.#chartIn(host, sources[k], layout.both && k == 0 ? TRANSMITTED : NONE))
    this.#override(this.chart)
    new Toolbar(this.chart, tool => this.#takeTool(tool))
    for (const panel of layout.panels) this.panels[panel.name] = this.board.panel(this.chart, panel)
    for (const chart of this.charts) this.#follow(chart)
    const opened = this.charts.map(chart => chart.open())
    for (const [k, source] of sources.entries()) if (source instanceof FirstSource) this.#takeOver(this.charts[k], source)
    this.#busy.during(Promise.all(opened).then(async () => {
      if (built != this.#built) return
      this.#drawn.ask()
      await this.#enliven()
      this.live?.attach(this.charts)
    }))
  }

  /** From when the page has the spans it draws, what lies over the picture too. @param {Chart} chart @param {FirstSource} source */
  async #takeOver(chart, source) {
    this.#opening.add(chart)
    try {
      chart.setData(await source.there)
      chart.refresh()
    } catch (error) {
      this.#busy.fail(error)
    } finally {
      this.#opening.delete(chart)
    }
  }

  /** Whether Python draws until the page has the spans. */
  get isOpening() {
    return this.charts.some(chart => this.#opening.has(chart))
  }

  /** Keeps a session that grows growing, once it is there; another is let go. */
  async #enliven() {
    const {scene, looking} = this.#parts
    if (this.#live?.key == scene.key) return
    this.#live?.live.close()
    this.#live = null
    if (scene.live === undefined) return
    const {source, contents} = this.#spans ?? {source: null, contents: null}
    const {number, last} = contents ? await contents.then(({number, header}) => ({number, last: header.last}))
      : {number: scene.live, last: scene.market.last}
    const live = new Live({
      charts: () => this.charts, source, isBusy: () => performance.now() - this.#slid < AT_SLIDER_MS,
      grown: () => this.#drawn.ask(), looked: () => this.#tellView(this.chart), reopen: () => this.#reopen(),
    }, this.#channel, {whole: scene.whole, last, number, follow: looking.live})
    this.#live = {key: scene.key, live}
  }

  /** All that is known of a session is asked for anew. */
  #reopen() {
    this.#live?.live.close()
    this.#spans?.source.close()
    this.#live = this.#spans = null
    this.#build()
  }

  /** Where the pixels of so many charts come from. @param {number} count */
  #sources(count) {
    const {scene} = this.#parts
    if (this.#spans && this.#spans.key != scene.key) {
      this.#spans.source.close()
      this.#spans = null
    }
    if (scene.drawn == "python") {
      return Array.from({length: count}, (_, k) => new HostSource(this.#channel, k < count - 1))
    }
    const isThere = this.#spans !== null
    if (!this.#spans) {
      const contents = this.#channel.ask("spans")
      this.#spans = {key: scene.key, contents, source: new WorkerSource(WORKER, contents)}
    }
    const own = Array.from({length: count}, () => this.#spans.source.beside())
    if (isThere || scene.live !== undefined) return own  // what a live market grows by, marks that are there take
    return own.map((source, k) => new FirstSource(source, new HostSource(this.#channel, k < count - 1)))
  }

  /**
   * @param {HTMLElement} host
   * @param {import("../source/source.js").Source} source
   * @param {Record<string, any>} overrides
   */
  #chartIn(host, source, overrides) {
    const {scene, themes, looking} = this.#parts
    const known = scene.drawn == "page" ? OF_SPANS : []
    const drawn = this.drawnOverlays.map(({name, order}) => shapesMark(name, order))
    const edge = scene.live === undefined ? [] : [EDGE_MARK]
    const chart = new Chart(host, {
      source: this.#watched(source), market: scene.market, themes,
      choice: {...this.#choice, ...this.#local.choices, tool: this.#tool, edge: true}, overrides, whole: scene.whole,
      view: this.live?.follows ? this.live.view : looking.view, until: looking.until, marks: [...known, ...drawn, ...edge],
    })
    chart.first = looking.first
    return chart
  }

  /** Overlays that Python draws. */
  get drawnOverlays() {
    const {drawn, overlays} = this.#parts.scene
    return drawn == "page" ? overlays.filter(({name}) => OF_SPANS.every(mark => mark.name != name)) : overlays
  }

  /** As transmitted nothing is carried, whatever a slider says. @param {Chart} chart that follows the choices */
  #override(chart) {
    const overrides = this.#parts.choice.transmitted ? TRANSMITTED : NONE
    if (chart.overrides != overrides) chart.overrides = overrides
  }

  /**
   * A source whose work is seen, and that knows what lies in a box.
   * @param {import("../source/source.js").Source} source
   */
  #watched(source) {
    return {
      ahead: source.ahead,
      open: () => source.open(),
      frame: ask => {
        const frame = source.frame(ask)
        this.#busy.during(frame.catch(() => {}))
        return frame
      },
      cell: at => source.cell(at),
      measure: ({times, prices}) => this.#channel.ask("measure", {box: [...times, ...prices]}),
      close: () => source.close(),
    }
  }

  /** @param {Chart} chart */
  #follow(chart) {
    chart.addEventListener("view", () => {
      this.#parts.looking = {...this.#parts.looking, view: chart.view}
      this.#hands++
      this.live?.hand(chart)
      for (const other of this.charts) if (other != chart) other.setView(chart.view, {quiet: true})
      this.#drawn.moved()
      this.#tellView(chart)
    })
    chart.addEventListener("choice", () => this.#tellChoice(chart))
    chart.addEventListener("error", event => this.#busy.fail(/** @type {CustomEvent} */ (event).detail))
    if (chart != this.chart) return
    chart.addEventListener("picture", () => {
      this.#drawn.ask()  // which another size brings, too
      this.#tellPicture(chart)
    })
    chart.root.addEventListener("pointermove", event => {
      const {left, top} = chart.root.getBoundingClientRect(), at = [event.clientX - left, event.clientY - top]
      this.#drawn.point(isInside(chart.plot, at) ? Math.round(chart.plot.time(at[0])) : null)
    })
    chart.root.addEventListener("pointerleave", () => this.#drawn.point(null))
  }

  /** @param {import("../chart/chart.js").Choice["tool"]} tool */
  #takeTool(tool) {
    this.#tool = tool
    for (const chart of this.charts) chart.choose({tool})
  }

  /** Python hears of a view, at most every so often and of the last for certain. @param {Chart} chart */
  #tellView(chart) {
    if (this.#telling) return
    this.#telling = setTimeout(() => {
      this.#telling = 0
      const {count} = this.#parts.looking, live = this.live ? {live: this.live.report} : {}
      this.#channel.tell("view", {view: chart.view, count, hand: this.#hands, ...live})
    }, TELL_MS)
  }

  /** Keys change the half-life: Python hears of that. @param {Chart} chart */
  #tellChoice(chart) {
    const {halfLife, carry} = chart.choice
    if (Object.is(halfLife, this.#local.now("halfLife")) && !this.#local.now("carry") == !carry) return
    this.#local.note("halfLife", halfLife)
    this.#local.note("carry", carry)
    this.#channel.tell("choice", {halfLife})
  }

  /** What the page knows of its picture, once it rests; of its own Python knows. @param {Chart} chart */
  #tellPicture(chart) {
    if (chart.picture.lit === null || this.#resting) return
    this.#resting = setTimeout(() => {
      this.#resting = 0
      const {scale, sizes, share, lit, steps} = chart.picture, {halfLife, prune, carry} = chart.drawnWith
      if (lit === null) return
      const live = this.live ? {view: chart.view} : {}
      this.#channel.tell("shown", {scale, sizes: Array.from(sizes), share, lit, steps, halfLife, prune, carry: carry?.name ?? null, ...live})
    }, this.live ? TELL_LIVE_MS : TELL_MS)
  }
}

/** Two elements beside each other, each below its title. @param {HTMLElement} host */
function halves(host) {
  host.classList.add("halves")
  return ["as transmitted", "carried"].map(title => {
    const half = document.createElement("div"), words = Object.assign(document.createElement("div"), {className: "title"})
    words.textContent = title
    half.append(words)
    const place = half.appendChild(Object.assign(document.createElement("div"), {className: "place"}))
    host.append(half)
    return place
  })
}
