// When a chart is drawn: once a frame of the browser at most, and what takes long only once a view rests.

/** What takes longer, ms, is only moved with a view at first, and worked out anew once it rests. */
const QUICK = 4

/** A view that has not moved for so long, ms, rests. */
const REST = 100

/** While a session is played, what takes long takes at most so small a part of the time. */
const PART = 10

export class Pace {
  /** What the next frame draws: nothing, what has moved, or all. @type {null | "moved" | "all"} */
  #next = null
  /** Whether what is drawn has only been moved since it was worked out. */
  #moved = false
  /** How long it took when it was last worked out, and when that was, ms. */
  #took = 0
  #workedOut = 0
  #resting = 0
  #draw

  /** @param {(moving: boolean) => void} draw moving: what was worked out for the view before may be drawn, moved */
  constructor(draw) {
    this.#draw = draw
  }

  /** Draw with the next frame. @param {boolean} [moved] whether nothing but the view has changed */
  ask(moved = false) {
    const waiting = this.#next !== null
    this.#next = moved && this.#next != "all" ? "moved" : "all"
    if (waiting) return
    requestAnimationFrame(() => {
      const moving = this.#next == "moved" && this.#took > QUICK
      this.#next = null
      this.#draw(moving)
    })
  }

  /** The same, as a session is played: seldom all, where that takes long. */
  askPlayed() {
    this.ask(performance.now() - this.#workedOut < PART * this.#took)
  }

  /** All that is asked for so far is to be drawn with the next frame. */
  settle() {
    if (this.#moved || this.#next == "moved") this.ask()
  }

  /** Something has been drawn, which took so long, ms. @param {boolean} moving @param {number} took */
  drawn(moving, took) {
    clearTimeout(this.#resting)
    this.#moved = moving
    if (moving) this.#resting = setTimeout(() => this.ask(), REST)
    else [this.#took, this.#workedOut] = [took, performance.now()]
  }

  close() {
    clearTimeout(this.#resting)
  }
}
