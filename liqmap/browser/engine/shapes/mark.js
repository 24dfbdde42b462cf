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
  /** @param {Scene} scene @param {number[]} point */
  const under = (scene, point) => hitOf(shapesIn(scene), scene.plot, point)
  return {name, order, needs: "shapes", make: () => ({
    draw(ctx, scene) {
      drawShapes(ctx, shapesIn(scene), scene.plot)
      return shapesIn(scene).length
    },
    legend: () => [],
    /**
     * Rows of names and words of what lies at a point; null where there is nothing that tells.
     * @param {Scene} scene
     * @param {number[]} point
     */
    tell(scene, point) {
      const found = under(scene, point)
      return found && rowsOf(found.shape.told, found.item)
    },
    /**
     * The same in two lines, with a key in the colour of what lies there.
     * @param {number} _
     * @param {Scene} scene
     * @param {number[]} point
     */
    readout(_, scene, point) {
      const found = under(scene, point)
      if (!found) return null
      const {shape, item} = found, colour = shape.colours[shape.kind == "discs" ? shape.rim[item] : shape.colour[item]]
      const [first, ...more] = rowsOf(shape.told, item).map(row => row.join(" "))
      return [{words: first, colour}, ...more.length ? [{words: more.join("  ·  "), faint: true}] : []]
    },
  })}
}
