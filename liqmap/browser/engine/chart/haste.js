// How fine a picture is asked for: while a hand, or a play, goes on faster than pictures come, coarser ones keep up
// with it; once it rests, the exact one follows.

/** So many wishes within so long, ms, come of something that goes on: of a step or two there are fewer. */
const MANY = 4, SOON = 200

/** Where exact ones take longer, ms, coarse ones are drawn meanwhile. */
const SLOW = 40

/** Pixels of the screen that a pixel of a coarse picture has, a side. */
const COARSE = 2

export class Haste {
  /** Whether the last picture was a coarse one. */
  isCoarse = false
  /** When the last few were wished for, and how long the last exact one took, ms. */
  #wished = new Array(MANY).fill(-Infinity)
  #took = 0
  #resting = 0
  #refine
  #canCoarsen

  /**
   * @param {boolean} canCoarsen whether coarser pictures come sooner
   * @param {() => void} refine asks for the exact picture
   */
  constructor(canCoarsen, refine) {
    this.#canCoarsen = canCoarsen
    this.#refine = refine
  }

  /** Another picture is wished for; of many wishes one is asked for. */
  wish() {
    this.#wished.shift()
    this.#wished.push(performance.now())
  }

  /** A picture is asked for: the pixels of the screen that each of its own has, a side. */
  begin() {
    clearTimeout(this.#resting)
    const goesOn = performance.now() - this.#wished[0] < SOON
    return goesOn && this.#canCoarsen && this.#took > SLOW ? COARSE : 1
  }

  /** It has come. @param {number} pixels as `begin` gave @param {number} took ms */
  end(pixels, took) {
    this.isCoarse = pixels > 1
    if (this.isCoarse) this.#resting = setTimeout(() => this.rest(), SOON)
    else this.#took = took
  }

  /** Nothing goes on any more. */
  rest() {
    clearTimeout(this.#resting)
    if (!this.isCoarse) return
    this.#wished.fill(-Infinity)
    this.#refine()
  }

  close() {
    clearTimeout(this.#resting)
  }
}
