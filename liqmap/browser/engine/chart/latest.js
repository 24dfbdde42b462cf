// A few questions at a time, mostly one: while they are answered, only the last one that is asked counts.

export class Latest {
  #answer
  #most
  #running = 0
  #wanted = false
  /** Of all that was asked since nothing was. @type {{promise: Promise<void>, resolve: () => void, reject: (error: any) => void} | null} */
  #settled = null
  /** Why an answer failed. @type {{error: any} | null} */
  #failed = null

  /**
   * @param {() => Promise<void>} answer takes what there is to ask when it is called
   * @param {number} [most] so many are answered at a time; they are answered in their order
   */
  constructor(answer, most = 1) {
    this.#answer = answer
    this.#most = most
  }

  /** Ask; what comes back is settled once all that was asked is answered. @returns {Promise<void>} */
  ask() {
    this.#wanted = true
    const {promise} = this.#settled ??= withEnds()
    this.#begin()
    return promise
  }

  /** Settled as well. @returns {Promise<void>} */
  get answered() {
    return this.#settled?.promise ?? Promise.resolve()
  }

  #begin() {
    while (this.#wanted && this.#running < this.#most) {
      this.#wanted = false
      this.#running++
      this.#answer().catch(error => { this.#failed ??= {error} }).then(() => this.#end())
    }
  }

  #end() {
    this.#running--
    this.#begin()
    if (this.#running) return
    const {resolve, reject} = this.#settled, failed = this.#failed
    this.#settled = this.#failed = null
    if (failed) reject(failed.error)
    else resolve()
  }
}

/** A promise, and what settles it. */
function withEnds() {
  /** @type {any} */
  const ends = {}
  ends.promise = new Promise((resolve, reject) => Object.assign(ends, {resolve, reject}))
  return ends
}
