// Hands on a panel move what it shares with its chart: wheel zooms, drag pans, a double click shows what the chart opens with.

import {panned, zoomed} from "../chart/view.js"

/** @typedef {import("./panel.js").Panel} Panel */

/**
 * @param {Panel} panel
 * @param {HTMLElement} root of it
 * @param {AbortSignal} signal
 */
export function followHands(panel, root, signal) {
  const {chart, shares} = panel, isPrice = shares == "price"
  /** @type {number | null} */
  let held = null
  root.addEventListener("wheel", event => {
    event.preventDefault()
    const lines = event.deltaMode == 1 ? 24 : event.deltaMode == 2 ? 400 : 1
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      if (!isPrice) chart.setView(panned(chart.plot, -event.deltaX * lines, 0))
      return
    }
    const factor = Math.exp(Math.max(-300, Math.min(300, event.deltaY * lines)) * 0.0016), place = panel.placeOf(event)
    chart.setView(zoomed(chart.plot, isPrice ? 1 : factor, isPrice ? factor : 1, isPrice ? [0, place] : [place, 0]))
  }, {passive: false, signal})
  root.addEventListener("pointerdown", event => {
    if (event.button != 0) return
    root.setPointerCapture(event.pointerId)
    held = panel.placeOf(event)
  }, {signal})
  root.addEventListener("pointermove", event => {
    if (held === null) return
    const place = panel.placeOf(event), by = place - held
    held = place
    chart.setView(panned(chart.plot, isPrice ? 0 : by, isPrice ? by : 0))
  }, {signal})
  for (const name of ["pointerup", "pointercancel"]) root.addEventListener(name, () => held = null, {signal})
  root.addEventListener("dblclick", () => {
    const {view, whole, first = whole} = /** @type {any} */ (chart)
    chart.setView(isPrice ? [view[0], view[1], first[2], first[3]] : [first[0], first[1], view[2], view[3]])
  }, {signal})
}
