// The line at the newest message of a live market: what is drawn after it is carried, and nobody has heard of it yet.

import {drawDashed} from "../chart/tags.js"

/** @type {import("../marks/marks.js").Mark<boolean>} */
export const EDGE_MARK = {
  name: "edge", order: 5, needs: "live",
  make: () => ({
    draw(ctx, {plot, market, colours}) {
      const x = plot.x(market.last), isInside = x > plot.left && x < plot.right
      if (isInside) drawDashed(ctx, plot, {x}, {colour: colours.muted, alpha: 0.8, dash: [2, 3]})
      return isInside
    },
    legend: () => [],
  }),
}
