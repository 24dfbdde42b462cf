// The component of a served app that says when the server is gone, and opens the page again when it is back.

const FIRST_MS = 1_000, LONGEST_MS = 10_000, SETTLED_MS = 4_000
const STYLE = "position: fixed; z-index: 1000; left: 50%; bottom: 64px; transform: translateX(-50%); width: max-content; max-width: 80vw; padding: 10px 16px;"
  + " border: 1px solid #ff8a8a; border-radius: 8px; background: #0d121c; color: #dee6f2; font: 14px/1.5 sans-serif;"
const WORDS = "The connection to the server is lost. This page opens again by itself as soon as the server answers."

/** @param {{view: any}} component of Panel */
export function render({view}) {
  // Bokeh's document, not the browser's. Whoever leaves the page loses no connection in its eyes.
  view.model.document.on_event("connection_lost", lost)
}

/** Says so once, and asks until the server is there: what is chosen stands in the address. */
function lost() {
  if (document.querySelector("[data-liqmap=lost]")) return
  const note = Object.assign(document.createElement("div"), {textContent: WORDS})
  note.setAttribute("role", "alert")
  note.dataset.liqmap = "lost"
  note.style.cssText = STYLE
  document.body.append(note)
  // Not at once, where a page is lost as soon as it is there; and not all visitors of a server at the same moment.
  again(Math.max(FIRST_MS, SETTLED_MS - performance.now()) * (1 + Math.random()))
}

/** @param {number} wait until the server is asked, ms */
function again(wait) {
  setTimeout(async () => {
    // Whoever has been logged out in the meantime comes to the login.
    if (await answers()) location.reload()
    else again(Math.min(LONGEST_MS, wait * 1.5))
  }, wait)
}

async function answers() {
  try {
    return (await fetch("healthz", {cache: "no-store"})).ok
  } catch {
    return false
  }
}
