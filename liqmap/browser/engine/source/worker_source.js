// A source whose spans a worker holds: nothing is asked of any server.

/** @typedef {import("./source.js").Source} Source */
/** @typedef {import("./painter.js").Contents} Contents */

/** @implements {Source} */
export class WorkerSource {
  #contents
  #url
  #worker
  /** @type {Map<number, {resolve: (answer: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map()
  #calls = 0

  /**
   * @param {string} script the text of the worker: the bundle of source/worker.js
   * @param {Contents} contents
   */
  constructor(script, contents) {
    this.#contents = contents
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
  }

  /** @returns {Promise<Record<string, any>>} */
  open() {
    const contents = this.#contents
    this.#contents = null  // the worker has them now
    return this.call("open", contents)
  }

  /** @param {import("./source.js").Ask} ask @returns {Promise<import("./source.js").Picture>} */
  frame(ask) {
    return this.call("frame", ask)
  }

  /** @param {{time: number, price: number}} at @returns {Promise<import("./source.js").Cell | null>} */
  cell(at) {
    return this.call("cell", at)
  }

  close() {
    this.#worker.terminate()
    URL.revokeObjectURL(this.#url)
  }

  /**
   * What the worker answers to one of its questions (see worker.js).
   * @param {string} kind
   * @param {any} [ask]
   * @returns {Promise<any>}
   */
  call(kind, ask) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(++this.#calls, {resolve, reject})
      this.#worker.postMessage({id: this.#calls, kind, ask})
    })
  }
}
