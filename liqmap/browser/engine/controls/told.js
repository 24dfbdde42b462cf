// What hands have chosen and Python has been told: at once, and of what comes soon after that the last. What Python says
// from before it has heard of a choice does not undo it.

/** A drag chooses often: of what comes within this time after something was told, the last is told, ms. */
const PAUSE_MS = 120

export class Told {
  /** The last choice by hand of each name, and with which message Python hears of it. @type {Map<string, {value: any, count: number}>} */
  #own = new Map()
  /** @type {Record<string, any>} */
  #waits = {}
  #timer = 0
  /** Two views of one component do not count alike. */
  #count = Math.floor(Math.random() * 2 ** 40)
  #tell

  /** @param {(message: {count: number, values: Record<string, any>}) => void} tell */
  constructor(tell) {
    this.#tell = tell
  }

  /** @param {string} name @param {any} value */
  choose(name, value) {
    this.#own.set(name, {value, count: this.#count + 1})
    this.#waits[name] = value
    if (!this.#timer) this.#send()
  }

  /** What the page shows of a name: its own choice, or Python's. @param {string} name @param {any} theirs */
  now(name, theirs) {
    return this.#own.has(name) ? this.#own.get(name).value : theirs
  }

  /** Python has heard of so many messages. @param {number} count */
  heard(count) {
    for (const [name, own] of this.#own) if (own.count <= count) this.#own.delete(name)
  }

  /** Python does not take what it was told of these. @param {string[]} names */
  refused(names) {
    for (const name of names) if (!(name in this.#waits)) this.#own.delete(name)
  }

  close() {
    clearTimeout(this.#timer)
  }

  #send() {
    const values = this.#waits
    this.#waits = {}
    this.#tell({count: ++this.#count, values})
    this.#timer = setTimeout(() => {
      this.#timer = 0
      if (Object.keys(this.#waits).length) this.#send()
    }, PAUSE_MS)
  }
}
