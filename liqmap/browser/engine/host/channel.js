// Questions to the Python of a page, and its answers, over a pair of messages: `send` one, `listen` for those that come.

/**
 * @typedef {object} Wire
 * @property {(message: any) => void} send
 * @property {(hear: (message: any) => void) => () => void} listen gives what stops it
 */

export class Channel {
  /** @type {Map<number, {resolve: (answer: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map()
  /** Two views of one component hear the answers of both: their numbers are no others'. */
  #calls = Math.floor(Math.random() * 2 ** 40)
  #wire
  #stop

  /** @param {Wire} wire */
  constructor(wire) {
    this.#wire = wire
    this.#stop = wire.listen(message => this.#hear(message))
  }

  /**
   * What Python answers; an error is its own words.
   * @param {string} kind
   * @param {any} [ask]
   * @returns {Promise<any>}
   */
  ask(kind, ask = {}) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(++this.#calls, {resolve, reject})
      this.#wire.send({id: this.#calls, kind, ask})
    })
  }

  /** Says something that has no answer. @param {string} kind @param {any} what */
  tell(kind, what) {
    this.#wire.send({id: 0, kind, ask: what})
  }

  close() {
    this.#stop()
    this.#waiting.clear()
  }

  /** @param {{id: number, answer?: any, error?: string}} message */
  #hear({id, answer, error}) {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    this.#waiting.delete(id)
    if (error) waiting.reject(new Error(error))
    else waiting.resolve(answer)
  }
}
