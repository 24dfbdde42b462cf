// What is told of a bar of a panel: beside a chart a small table at the end away from the pointer, below it one line.

export class BarWords {
  #element = Object.assign(document.createElement("div"), {className: "told", hidden: true})

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#element.setAttribute("role", "status")
    root.append(this.#element)
  }

  /**
   * @param {[string, string][]} rows names and words
   * @param {"price" | "time"} shares
   * @param {number[]} pointer
   * @param {import("./frame.js").Frame} frame
   */
  show(rows, shares, [x, y], frame) {
    const {left, top, right, bottom, size} = frame, {style} = this.#element
    this.#element.replaceChildren(...rows.map(([name, words]) => {
      const row = document.createElement("span")
      row.append(Object.assign(document.createElement("b"), {textContent: name}), words)
      return row
    }))
    const atTop = shares == "time" || y > (top + bottom) / 2, atRight = shares == "price" || x < (left + right) / 2
    style.top = atTop ? `${top + 4}px` : "auto"
    style.bottom = atTop ? "auto" : `${size[1] - bottom + 4}px`
    style.left = atRight ? "auto" : `${left + 4}px`
    style.right = atRight ? `${size[0] - right + 4}px` : "auto"
    style.minWidth = shares == "price" ? `${right - left - 8}px` : ""
    this.#element.hidden = false
  }

  hide() {
    this.#element.hidden = true
  }
}
