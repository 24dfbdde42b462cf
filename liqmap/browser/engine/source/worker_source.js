// A source whose spans a worker holds: nothing is asked of any server.

/** @typedef {import("./source.js").Source} Source */
/** @typedef {import("./painter.js").Contents} Contents */

/** @implements {Source} */
export class WorkerSource {
  #spans
  #chart

  /**
   * @param {string | Spans} script the text of the worker: the bundle of source/worker.js; or the spans that another has
   * @param {Contents | Promise<Contents>} [contents]
   */
  constructor(script, contents) {
    this.#spans = typeof script == "string" ? new Spans(script, contents) : script
    this.#chart = this.#spans.chart()
  }

  /** Another chart's source, of the same spans; they are kept until all are closed. */
  beside() {
    return new WorkerSource(this.#spans)
  }

  /** @returns {Promise<Record<string, any>>} */
  async open() {
    await this.#spans.opened
    return this.call("data")
  }

  /** @param {import("./source.js").Ask} ask @returns {Promise<import("./source.js").Picture>} */
  frame(ask) {
    return this.call("frame", ask)
  }

  /** @param {{time: number, price: number}} at @returns {Promise<import("./source.js").Cell | null>} */
  cell(at) {
    return this.call("cell", at)
  }

  /**
   * Appends what has come since to the spans, for all charts that are drawn from them.
   * @param {import("./painter.js").Appended} packed
   * @returns {Promise<import("../book/append.js").Come>} what has come of what is drawn over pictures: see `Chart.append`
   */
  append(packed) {
    return this.call("append", packed)
  }

  close() {
    this.#spans.leave(this.#chart)
  }

  /**
   * What the worker answers to one of its questions (see worker.js).
   * @param {string} kind
   * @param {any} [ask]
   * @returns {Promise<any>}
   */
  call(kind, ask) {
    return this.#spans.call(this.#chart, kind, ask)
  }
}

/** A worker with the spans of a session, for as many charts as there are. */
class Spans {
  #url
  #worker
  /** @type {Map<number, {resolve: (answer: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map()
  /** @type {Set<number>} */
  #charts = new Set()
  #calls = 0
  #named = 0

  /** @param {string} script @param {Contents | Promise<Contents>} contents */
  constructor(script, contents) {
    this.#url = URL.createObjectURL(new Blob([script], {type: "text/javascript"}))
    this.#worker = new Worker(this.#url)
    this.#worker.onmessage = ({data: {id, answer, error}}) => {
      const {resolve, reject} = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error) reject(new Error(error))
      else resolve(answer)
    }
    this.#worker.onerror = event => {
      for (const {reject} of this.#waiting.values()) reject(new Error(event.message))
      this.#waiting.clear()
    }
    this.opened = Promise.resolve(contents).then(there => this.call(0, "open", there))
    this.opened.catch(() => {})  // whoever opens hears of it
  }

  /** The number of a new chart. */
  chart() {
    this.#charts.add(++this.#named)
    return this.#named
  }

  /** @param {number} chart */
  leave(chart) {
    this.#charts.delete(chart)
    if (this.#charts.size) {
      this.call(chart, "leave")
      return
    }
    this.#worker.terminate()
    URL.revokeObjectURL(this.#url)
  }

  /**
   * @param {number} chart
   * @param {string} kind
   * @param {any} [ask]
   * @returns {Promise<any>}
   */
  call(chart, kind, ask) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(++this.#calls, {resolve, reject})
      this.#worker.postMessage({id: this.#calls, chart, kind, ask})
    })
  }
}
