// A mark that draws shapes which its host puts among the data of a chart: `data.shapes[name]`.

import {drawShapes} from "./draw.js"
import {hitOf, rowsOf} from "./hit.js"

/** @typedef {import("../marks/marks.js").Scene} Scene */

/**
 * @param {string} name of the choice, and of its shapes
 * @param {number} order
 * @returns {import("../marks/marks.js").Mark<number>} which tells how many shapes it drew
 */
export function shapesMark(name, order) {
  /** @param {Scene} scene @returns {import("./decode.js").Shape[]} */
  const shapesIn = ({data}) => data.shapes?.[name] ?? []
  return {name, order, needs: "shapes", make: () => ({
    draw(ctx, scene) {
      drawShapes(ctx, shapesIn(scene), scene.plot)
      return shapesIn(scene).length
    },
    legend: () => [],
    /**
     * What is told of what lies at a point; null where there is nothing that tells.
     * @param {number} drawn
     * @param {Scene} scene
     * @param {number[]} point
     */
    readout(drawn, scene, point) {
      const found = hitOf(shapesIn(scene), scene.plot, point)
      return found && [{words: rowsOf(found.shape.told, found.item).map(([, words]) => words).join("  ·  ")}]
    },
  })}
}
