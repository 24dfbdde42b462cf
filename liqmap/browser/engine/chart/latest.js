// One question at a time: while it is answered, only the last one that is asked counts.

export class Latest {
  /** @type {Promise<void> | null} */
  #running = null
  #wanted = false
  #answer

  /** @param {() => Promise<void>} answer takes what there is to ask when it is called */
  constructor(answer) {
    this.#answer = answer
  }

  /** Ask; what comes back is settled once all that was asked is answered. */
  ask() {
    this.#wanted = true
    return this.#running ??= this.#run()
  }

  /** Settled as well. */
  get answered() {
    return this.#running ?? Promise.resolve()
  }

  async #run() {
    try {
      while (this.#wanted) {
        this.#wanted = false
        await this.#answer()
      }
    } finally {
      this.#running = null
    }
  }
}
