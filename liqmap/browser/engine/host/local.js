// Choices of the page's own controls, which hold before Python has heard of them, and are not undone by what it said
// before it had.

/** So long Python may take to say what it was told, ms. */
const PATIENCE_MS = 1500

export class Local {
  /** @type {Map<string, {value: any, since: number}>} */
  #own = new Map()
  /** @type {Record<string, any>} */
  #heard = {}
  #waiting = 0
  #apply

  /** @param {(choice: Record<string, any>) => void} apply */
  constructor(apply) {
    this.#apply = apply
  }

  /** Those that hold now. */
  get choices() {
    this.#forget()
    return Object.fromEntries([...this.#own].map(([name, {value}]) => [name, value]))
  }

  /** What a choice is here: the page's own, or Python's. @param {string} name */
  now(name) {
    return this.#own.has(name) ? this.#own.get(name).value : this.#heard[name]
  }

  /** Holds without being applied: it is already. @param {string} name @param {any} value */
  note(name, value) {
    this.#own.set(name, {value, since: performance.now()})
    this.#later()
  }

  /** @param {Record<string, any>} some */
  chosen(some) {
    for (const [name, value] of Object.entries(some)) this.note(name, value)
    this.#apply(some)
  }

  /** Python's choices. @param {Record<string, any>} choice */
  heard(choice) {
    this.#heard = choice
    this.#apply({...choice, ...this.choices})
  }

  close() {
    clearTimeout(this.#waiting)
  }

  #forget() {
    const now = performance.now()
    for (const [name, {value, since}] of this.#own) {
      if (now - since > PATIENCE_MS || Object.is(this.#heard[name], value)) this.#own.delete(name)
    }
  }

  /** What Python says in the end is what counts. */
  #later() {
    clearTimeout(this.#waiting)
    this.#waiting = setTimeout(() => {
      this.#own.clear()
      if (Object.keys(this.#heard).length) this.#apply(this.#heard)
    }, PATIENCE_MS)
  }
}
