// News of a live session, asked for one after the other: what has come since the update that the page has.
// A page that is slow asks seldom, and is told more at a time; nothing queues up.

/**
 * @typedef {object} News
 * @property {number} number of the update
 * @property {{data: ArrayBuffer, header: any}[] | null} packs what has come, in its order; null: all is to be told anew
 * @property {Record<string, number[]>} [sizes] of the session, where they are others
 * @property {number} last ns
 * @property {[number, number]} prices of the session
 * @property {number} silence s, since anything was heard
 * @property {boolean} closed
 */

/** No answer for so long: the connection is lost, and it is asked again, ms. A server answers within a second. */
const PATIENCE_MS = 4000

/** From one question to the next, ms: at least, while a hand is at a slider, and where nothing can be waited for. */
const PACE_MS = {least: 30, busy: 400, idle: 150}

export class Growing {
  /** The update that the page has. */
  number
  isConnected = true
  #channel
  #take
  #isBusy
  #closed = false

  /**
   * @param {import("../host/channel.js").Channel} channel
   * @param {number} number
   * @param {{take: (news: News) => Promise<void>, isBusy: () => boolean}} does take: is waited for
   */
  constructor(channel, number, {take, isBusy}) {
    this.#channel = channel
    this.number = number
    this.#take = take
    this.#isBusy = isBusy
    this.#go()
  }

  close() {
    this.#closed = true
  }

  async #go() {
    while (!this.#closed) {
      const began = performance.now()
      const news = await this.#asked().catch(() => null)
      if (this.#closed) return
      this.isConnected = Boolean(news)
      const isOld = news?.number == this.number && news.packs?.length === 0
      if (news) await this.#take(news)
      if (news) this.number = news.number
      const took = performance.now() - began
      const pace = this.#isBusy() ? PACE_MS.busy : isOld || !news ? PACE_MS.idle : PACE_MS.least
      await new Promise(done => setTimeout(done, Math.max(pace - took, 0)))
    }
  }

  /** @returns {Promise<News>} */
  #asked() {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("no answer")), PATIENCE_MS)
      Promise.resolve().then(() => this.#channel.ask("growth", {have: this.number}))
        .then(resolve, reject).finally(() => clearTimeout(late))
    })
  }
}
