// The readout of what is under the pointer: docked in a corner of the plot, where it hides nothing that is looked at.

/** So near (pixels) the pointer may come before the readout moves to the other side. */
const NEAR = 48

/** From the corner of the plot, pixels. */
const INSET = 8

/**
 * @typedef {object} Line
 * @property {string} words
 * @property {string} [colour] of a key before the words
 * @property {boolean} [faint]
 */

export class Readout {
  #element
  #onRight = false
  /** What a host has put at the top right takes so many pixels. */
  underTools = 0

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#element = Object.assign(document.createElement("div"), {className: "readout", hidden: true})
    this.#element.setAttribute("role", "status")
    root.append(this.#element)
  }

  /**
   * @param {number[]} at the pointer
   * @param {Line[]} lines
   * @param {import("./plot.js").Plot} plot
   */
  show([x, y], lines, plot) {
    this.#element.replaceChildren(...lines.map(lineOf))
    this.#element.hidden = false
    const {offsetWidth: wide, offsetHeight: tall} = this.#element, height = plot.top + INSET
    const places = [
      [plot.left + INSET, height], [Math.max(plot.right - INSET - wide, plot.left + INSET), height + this.underTools],
    ]
    const [left, top] = places[Number(this.#onRight)]
    const near = x > left - NEAR && x < left + wide + NEAR && y < top + tall + NEAR
    if (near) this.#onRight = !this.#onRight
    this.#element.style.transform = `translate(${places[Number(this.#onRight)].map(v => `${v}px`).join()})`
  }

  hide() {
    this.#element.hidden = true
  }
}

/** @param {Line} line */
function lineOf({words, colour, faint}) {
  const line = Object.assign(document.createElement("div"), {className: faint ? "faint" : ""})
  if (colour) {
    const key = Object.assign(document.createElement("i"), {className: "key"})
    key.style.background = colour
    line.append(key)
  }
  line.append(words)
  return line
}
