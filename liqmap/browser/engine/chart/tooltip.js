// The tooltip of a cell, beside the pointer.

export class Tooltip {
  #element

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#element = Object.assign(document.createElement("div"), {className: "tooltip", hidden: true})
    this.#element.setAttribute("role", "status")
    root.append(this.#element)
  }

  /**
   * @param {number[]} at the pointer
   * @param {[string, string][]} rows names and words
   * @param {string | null} colour of the side, if one shows
   * @param {import("./plot.js").Plot} plot
   */
  show([x, y], rows, colour, plot) {
    const table = document.createElement("table")
    for (const [name, words] of rows) {
      const row = table.insertRow(), head = document.createElement("th")
      head.textContent = name
      row.append(head)
      const told = row.insertCell()
      told.textContent = words
      if (name != "side" || !colour) continue
      const key = Object.assign(document.createElement("i"), {className: "key"})
      key.style.background = colour
      told.prepend(key)
    }
    this.#element.replaceChildren(table)
    this.#element.hidden = false
    const {offsetWidth: wide, offsetHeight: tall} = this.#element
    const left = x + 18 + wide < plot.right ? x + 18 : x - 18 - wide
    const top = y + 18 + tall < plot.bottom ? y + 18 : y - 18 - tall
    this.#element.style.transform = `translate(${Math.max(left, 0)}px, ${Math.max(top, 0)}px)`
  }

  hide() {
    this.#element.hidden = true
  }
}
