// A source of the page's own, before which Python draws: the first picture need not wait for the spans.

/** @typedef {import("../source/source.js").Source} Source */
/** @typedef {import("../source/source.js").Ask} Ask */
/** @typedef {import("../source/worker_source.js").WorkerSource} WorkerSource */
/** @typedef {import("./host_source.js").HostSource} HostSource */

/** @implements {Source} */
export class FirstSource {
  #own
  #host
  #isThere = false
  /** What is drawn over pictures, once the page draws them: then its chart is to ask for one. @type {Promise<Record<string, any>>} */
  there

  /** @param {WorkerSource} own @param {HostSource} host of the same session */
  constructor(own, host) {
    this.#own = own
    this.#host = host
    this.there = own.open().then(data => {
      this.#isThere = true
      return data
    })
    this.there.catch(() => {})  // whoever waits for it hears of it
  }

  /** Nothing yet: see `there`. @returns {Promise<Record<string, any>>} */
  async open() {
    return {}
  }

  /** @param {Ask} ask @returns {Promise<import("../source/source.js").Picture>} */
  frame(ask) {
    return this.#now.frame(ask)
  }

  /** @param {{time: number, price: number}} at @returns {Promise<import("../source/source.js").Cell | null>} */
  cell(at) {
    return this.#now.cell(at)
  }

  close() {
    this.#own.close()
    this.#host.close()
  }

  get #now() {
    return this.#isThere ? this.#own : this.#host
  }
}
