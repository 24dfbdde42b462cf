// Which item of shapes lies under a point, and what is told of it.

import {boxAt, discAt} from "./place.js"

/** @typedef {import("./decode.js").Shape} Shape */
/** @typedef {import("./place.js").At} At */

/** Beside a thin box or a small disc a hand may be so many pixels off. */
const SLACK = 2

/**
 * The topmost item under a point of the shapes that tell of theirs.
 * @param {Shape[]} shapes
 * @param {At} at
 * @param {number[]} point
 * @returns {{shape: import("./decode.js").BoxesShape | import("./decode.js").DiscsShape, item: number} | null}
 */
export function hitOf(shapes, at, point) {
  for (const shape of shapes.toReversed()) {
    if ((shape.kind != "boxes" && shape.kind != "discs") || !shape.told) continue
    const item = shape.kind == "boxes" ? boxUnder(shape, at, point) : discUnder(shape, at, point)
    if (item !== null) return {shape, item}
  }
  return null
}

/**
 * What is told of an item: names and words.
 * @param {import("./decode.js").Facts} facts
 * @param {number} item
 * @returns {[string, string][]}
 */
export function rowsOf({names, words}, item) {
  return names.map((name, k) => [name, words[item][k]])
}

/** @param {import("./decode.js").BoxesShape} boxes @param {At} at @param {number[]} point */
function boxUnder(boxes, at, [x, y]) {
  for (let i = boxes.colour.length - 1; i >= 0; i--) {
    const found = boxAt(boxes, i, at)
    if (!found) continue
    const [left, top, right, bottom] = found, across = slack(right - left), down = slack(bottom - top)
    if (x >= left - across && x < right + across && y >= top - down && y < bottom + down) return i
  }
  return null
}

/** @param {number} length pixels */
function slack(length) {
  return length < 2 * SLACK ? SLACK : 0
}

/** @param {import("./decode.js").DiscsShape} discs @param {At} at @param {number[]} point */
function discUnder(discs, at, [x, y]) {
  for (let i = discs.face.length - 1; i >= 0; i--) {
    const found = discAt(discs, i, at)
    if (found && Math.hypot(x - found[0], y - found[1]) <= found[2] + Math.max(discs.width / 2, SLACK)) return i
  }
  return null
}
