// The sign that something is being made, where that takes longer than an eye waits; and words where it cannot be.

const AFTER_MS = 300

export class Busy {
  #sign
  #pending = 0

  /** @param {HTMLElement} host */
  constructor(host) {
    this.#sign = Object.assign(document.createElement("div"), {className: "liqmap-busy", hidden: true})
    this.#sign.setAttribute("role", "status")
    host.append(this.#sign)
  }

  /** @param {Promise<any>} work */
  during(work) {
    this.#pending++
    const timer = setTimeout(() => this.#show("drawing …"), AFTER_MS)
    const done = () => {
      clearTimeout(timer)
      if (--this.#pending == 0) this.#sign.hidden = true
    }
    work.then(done, error => {
      done()
      this.fail(error)
    })
  }

  /** @param {any} error */
  fail(error) {
    this.#show(String(error?.message ?? error))
  }

  /** @param {string} words */
  #show(words) {
    this.#sign.textContent = words
    this.#sign.hidden = false
  }
}
