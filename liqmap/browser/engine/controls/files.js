// Buttons that save what is seen to files, which Python makes.

import {make} from "./elements.js"

/** @typedef {import("./form.js").Part} Part */
/** @typedef {import("./form.js").Hands} Hands */
/** @typedef {import("./form.js").Made} Made */

/** So long the browser may take to begin a download, ms. */
const BEGUN_MS = 60_000

/**
 * @param {Part} part with an option a kind of file
 * @param {Hands} hands
 * @returns {Made}
 */
export function files(part, hands) {
  const buttons = part.of.map(({name, title}) => {
    const button = make("button", {type: "button", title}, name)
    button.addEventListener("click", async () => {
      button.disabled = true
      button.setAttribute("aria-busy", "true")
      try {
        const found = await hands.ask("file", {kind: name})
        if (found) save(found.name, found.content)
      } finally {
        button.disabled = false
        button.removeAttribute("aria-busy")
      }
    })
    return button
  })
  return {element: make("div", {className: "files", role: "group", ariaLabel: part.label}, ...buttons), show() {}}
}

/** @param {string} name @param {BlobPart} content */
function save(name, content) {
  const href = URL.createObjectURL(new Blob([content]))
  make("a", {href, download: name}).click()
  setTimeout(() => URL.revokeObjectURL(href), BEGUN_MS)
}
