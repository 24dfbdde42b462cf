// What is said of a live market in a corner of its chart, with a button: whether it is followed, and heard of.

import {EDGE} from "../chart/plot.js"
import {duration} from "../words/words.js"

/** From the corner of the plot, pixels. */
const INSET = 8

/** Nothing heard for so long is worth saying; for longer it is a warning, s. */
const QUIET_S = 3, STALE_S = 10

const SECOND = 1e9

/**
 * @typedef {object} Told
 * @property {boolean} follows
 * @property {boolean} isConnected whether the server of the page answers
 * @property {boolean} isClosed whether nothing more will come
 * @property {number} silence s, since anything was heard
 * @property {number} behind ns from the end of the view to the newest message
 */

/**
 * The state that a sign shows, and its words beside the button.
 * @param {Told} told
 * @returns {{state: "live" | "quiet" | "stale" | "held" | "ended", words: string, button: string}}
 */
export function signWords({follows, isConnected, isClosed, silence, behind}) {
  const heard = silence >= QUIET_S ? `nothing heard for ${duration(Math.floor(silence) * SECOND)}` : ""
  const button = follows ? "" : "Back to live"
  if (isClosed) return {state: "ended", words: "the feed has ended", button}
  if (!isConnected) return {state: "stale", words: ["connection lost", heard].filter(Boolean).join(", "), button}
  if (heard) return {state: silence >= STALE_S ? "stale" : "quiet", words: heard, button}
  if (follows) return {state: "live", words: "", button}
  return {state: "held", words: behind >= SECOND ? `${duration(Math.round(behind / SECOND) * SECOND)} behind` : "", button}
}

export class Sign {
  #words = document.createElement("span")
  #go
  #hold
  #shown = ""

  /**
   * @param {HTMLElement} host the root of a chart
   * @param {{go: () => void, hold: () => void}} does
   */
  constructor(host, {go, hold}) {
    this.root = Object.assign(document.createElement("div"), {className: "liqmap-live"})
    this.root.style.cssText = `left: ${EDGE.left + INSET}px; top: ${EDGE.top + INSET}px`
    this.#go = buttonOf("go", "Back to live: follow the newest message; also End", go)
    this.#hold = buttonOf("hold", "Pause: hold the view where it is; also the space bar", hold)
    this.#hold.innerHTML = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M5.5 3.5v9M10.5 3.5v9"/></svg>'
    const dot = Object.assign(document.createElement("i"), {className: "dot"})
    const name = Object.assign(document.createElement("b"), {textContent: "LIVE"})
    this.#words.setAttribute("role", "status")
    this.root.append(dot, name, this.#words, this.#hold, this.#go)
    host.append(this.root)
  }

  /** @param {Told} told */
  show(told) {
    const {state, words, button} = signWords(told), key = [state, words, button, told.follows].join("|")
    if (key == this.#shown) return
    this.#shown = key
    this.root.dataset.state = state
    this.#words.textContent = words
    this.#hold.hidden = !told.follows
    this.#go.hidden = told.follows
    this.#go.textContent = button
  }
}

/** @param {string} name @param {string} title @param {() => void} click */
function buttonOf(name, title, click) {
  const button = Object.assign(document.createElement("button"), {type: "button", className: name, title})
  button.setAttribute("aria-label", title)
  button.addEventListener("click", click)
  return button
}
