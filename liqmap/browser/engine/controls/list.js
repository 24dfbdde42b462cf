// What has happened, the latest first, in one line: a press on one of it goes there.

import {make} from "./elements.js"

/** @typedef {import("./form.js").Part} Part */
/** @typedef {import("./form.js").Hands} Hands */
/** @typedef {import("./form.js").Made} Made */

/**
 * @typedef {object} Listed
 * @property {string} of what all of it is of: of another, nothing is new
 * @property {number} count how many there are, also of those that are not listed
 * @property {string} note instead of rows, or before them
 * @property {{key: string, colour: string, words: string[], title: string}[]} rows
 */

/**
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function list(part, hands) {
  const count = make("b"), note = make("span", {className: "said"})
  const rows = make("div", {className: "rows", role: "list", ariaLabel: part.label, tabIndex: 0})
  const head = make("span", {className: "head", title: part.title}, part.label, " ", count)
  const live = make("span", {className: "latest", role: "status"})
  let of = null, seen = new Set()
  rows.addEventListener("wheel", event => {
    if (event.deltaX || rows.scrollWidth <= rows.clientWidth) return
    rows.scrollLeft += event.deltaY
    event.preventDefault()
  }, {passive: false})

  /** @param {Listed["rows"][number]} row @param {boolean} isNew */
  const made = ({key, colour, words: [clock, ...more], title}, isNew) => {
    const dot = make("i", {})
    dot.style.background = colour
    const inside = [make("b", {}, clock), ...more.map(word => make("span", {}, word))]
    const button = make("button", {type: "button", title, className: isNew ? "new" : ""}, dot, ...inside)
    button.addEventListener("click", () => hands.tell("press", {name: key}))
    return make("div", {role: "listitem"}, button)
  }

  return {element: make("div", {className: "list"}, head, note, rows, live), show(/** @type {Listed} */ value) {
    const isOther = value.of != of, fresh = value.rows.filter(({key}) => !isOther && !seen.has(key))
    count.textContent = value.count.toLocaleString("en")
    note.textContent = value.note
    note.hidden = !value.note
    rows.replaceChildren(...value.rows.map(row => made(row, fresh.includes(row))))
    live.textContent = fresh.length ? fresh[0].words.join(" ") : ""
    if (fresh.length) rows.scrollLeft = 0
    if (isOther) seen = new Set()
    for (const {key} of value.rows) seen.add(key)
    of = value.of
  }}
}
