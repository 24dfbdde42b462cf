// Work ahead, a few ms at a time, when there is nothing to draw: so that no answer waits long for it.

/** @typedef {() => Iterator<any>} Work a generator function; it yields now and then */

/** How long work goes on at a time, and how long it waits for something better to do, ms. */
const SLICE = 10
const IDLE = 80

export class Ahead {
  /** @type {Map<string, Iterator<any>>} */
  #waiting = new Map()
  #running = false
  /** No work is done before, ms. */
  #due = 0

  /**
   * Do some work some time, the last asked first. Work of a name that waits already is kept, or given up for the new:
   * then something has been drawn, and all work waits until nothing else is.
   * @param {string} name
   * @param {Work} work
   */
  whenIdle(name, work, anew = false) {
    if (anew) {
      this.#waiting.delete(name)
      this.#due = performance.now() + IDLE
    }
    if (!this.#waiting.has(name)) this.#waiting.set(name, work())
    if (this.#running) return
    this.#running = true
    setTimeout(() => this.#slice(), IDLE)
  }

  /** Work that waits is not done. */
  giveUp() {
    this.#waiting.clear()
  }

  get done() {
    return this.#waiting.size == 0
  }

  #slice() {
    const early = this.#due - performance.now()
    if (early > 0) {
      setTimeout(() => this.#slice(), early)
      return
    }
    const until = performance.now() + SLICE
    while (this.#waiting.size && performance.now() < until) {
      const [name, work] = [...this.#waiting].at(-1)
      if (work.next().done) this.#waiting.delete(name)
    }
    this.#running = this.#waiting.size > 0
    if (this.#running) setTimeout(() => this.#slice())
  }
}

/**
 * Does work at once.
 * @template T
 * @param {Iterator<any, T>} work
 * @returns {T}
 */
export function finish(work) {
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value
}
