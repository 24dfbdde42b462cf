// Two fingers: what lies between them follows them.

/** Along an axis on which fingers lie closer together than this, pixels, the scale is kept. */
const TOGETHER = 40

export class Fingers {
  /** @type {Map<number, number[]>} */
  #at = new Map()

  get count() {
    return this.#at.size
  }

  /** @param {number} id @param {number[]} at */
  put(id, at) {
    this.#at.set(id, at)
  }

  /** @param {number} id */
  lift(id) {
    this.#at.delete(id)
  }

  /**
   * Moves one of two fingers: how many times as long and high the view gets, and what point comes to lie where. Null
   * where there are not two.
   * @param {number} id
   * @param {number[]} at
   */
  pinch(id, at) {
    if (this.#at.size != 2) return null
    const before = spreadOf([...this.#at.values()])
    this.#at.set(id, at)
    const after = spreadOf([...this.#at.values()])
    const [x, y] = after.apart.map((v, k) => Math.min(v, before.apart[k]) < TOGETHER ? 1 : before.apart[k] / v)
    return {x, y, from: before.middle, to: after.middle}
  }
}

/** @param {number[][]} fingers */
function spreadOf([one, other]) {
  return {middle: one.map((v, k) => (v + other[k]) / 2), apart: one.map((v, k) => Math.abs(v - other[k]))}
}
