// Buttons on a chart for hands without a keyboard: what dragging does, and back to the first view.

import {EDGE} from "../chart/plot.js"

/** @typedef {import("../chart/chart.js").Chart} Chart */
/** @typedef {import("../chart/chart.js").Choice["tool"]} Tool */

/** From the corner of the plot, and how tall it is, pixels. */
const INSET = 8, TALL = 26

/** What they say, and lines of 16 by 16. @type {Record<Tool, {title: string, icon: string}>} */
const TOOLS = {
  pan: {
    title: "Pan: drag the picture; drag an axis to move along it alone",
    icon: "M8 1.5v13M1.5 8h13M6 3.5l2-2 2 2M6 12.5l2 2 2-2M3.5 6l-2 2 2 2M12.5 6l2 2-2 2",
  },
  zoom: {
    title: "Zoom to a box that is dragged; also Shift and drag, or the wheel",
    icon: "M10.2 10.2l4.3 4.3M11.5 6.5a5 5 0 1 1-10 0a5 5 0 1 1 10 0M4.5 6.5h4M6.5 4.5v4",
  },
  measure: {
    title: "Measure time, price and volume of a box that is dragged; also Alt and drag; Escape removes it",
    icon: "M1.5 11l9.5-9.5 3.5 3.5L5 14.5zM4 8.5l1.6 1.6M6.3 6.2l2.2 2.2M8.6 3.9l1.6 1.6",
  },
}

const WHOLE = {
  title: "Whole view: as it was at first; also a double click, Home or 0",
  icon: "M1.5 5.5v-4h4M10.5 1.5h4v4M14.5 10.5v4h-4M5.5 14.5h-4v-4",
}

/** At the top right within the axes of a chart, and as long as it is there. */
export class Toolbar {
  /**
   * @param {Chart} chart
   * @param {(tool: Tool) => void} choose
   */
  constructor(chart, choose) {
    const root = Object.assign(document.createElement("div"), {className: "toolbar"})
    root.setAttribute("role", "toolbar")
    root.setAttribute("aria-label", "tools")
    root.style.cssText = `top: ${EDGE.top + INSET}px; right: ${EDGE.right + INSET}px; height: ${TALL}px`
    const tools = /** @type {Tool[]} */ (Object.keys(TOOLS)).map(tool => {
      return {tool, button: buttonOf(TOOLS[tool], () => choose(tool))}
    })
    root.append(...tools.map(({button}) => button), buttonOf(WHOLE, () => chart.setView(chart.first)))
    chart.root.append(root)
    chart.readout.underTools = TALL + INSET
    const follow = () => {
      for (const {tool, button} of tools) button.setAttribute("aria-pressed", String(chart.choice.tool == tool))
    }
    chart.addEventListener("choice", follow)
    follow()
  }
}

/**
 * @param {{title: string, icon: string}} about
 * @param {() => void} click
 */
function buttonOf({title, icon}, click) {
  const button = Object.assign(document.createElement("button"), {type: "button", title})
  button.setAttribute("aria-label", title)
  button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${icon}"/></svg>`
  button.addEventListener("click", click)
  return button
}
