// Whether a hand moves a slider of the page. Sliders are also set by Python, which says itself what it has chosen.

/** A key's slide, and what comes of one after the hand has gone, takes so long, ms. */
const AFTER_MS = 150

export class Sliding {
  #down = false
  #last = -Infinity
  #over = new AbortController()

  constructor() {
    const {signal} = this.#over, options = {signal, capture: true}
    document.addEventListener("pointerdown", event => { if (ofSlider(event)) this.#down = true }, options)
    document.addEventListener("keydown", event => { if (ofSlider(event)) this.#last = performance.now() }, options)
    for (const name of ["pointerup", "pointercancel"]) {
      document.addEventListener(name, () => {
        if (this.#down) this.#last = performance.now()
        this.#down = false
      }, options)
    }
  }

  get now() {
    return this.#down || performance.now() - this.#last < AFTER_MS
  }

  close() {
    this.#over.abort()
  }
}

/** @param {Event} event */
function ofSlider(event) {
  return event.composedPath().some(part => part instanceof Element && /\bnoUi-/.test(part.className))
}
