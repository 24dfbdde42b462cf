// A mark that draws shapes which its host puts among the data of a chart: `data.shapes[name]`.

import {drawShapes} from "./draw.js"
import {hitOf, rowsOf} from "./hit.js"

/** @typedef {import("../marks/marks.js").Scene} Scene */

/**
 * Rows of names and words in two lines, with a key of a colour.
 * @param {[string, string][]} rows
 * @param {string} colour
 */
export function readoutLines(rows, colour) {
  const [first, ...more] = rows.map(row => row.join(" "))
  return [{words: first, colour}, ...more.length ? [{words: more.join("  ·  "), faint: true}] : []]
}

/** @param {NonNullable<ReturnType<typeof hitOf>>} found */
function colourOf({shape, item}) {
  return shape.colours[shape.kind == "discs" ? shape.rim[item] : shape.colour[item]]
}

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
      return found && readoutLines(rowsOf(found.shape.told, found.item), colourOf(found))
    },
  })}
}
