// Half-life and prune by what is in view, as liqmap.render.frames.auto_carry has them.

import {AUTO, DURATIONS, PART_OF_VIEW} from "../rules.js"

/** @typedef {number | null | "auto"} Duration ns; null for none; "auto" goes by what is in view */

/**
 * Half-life and prune of a view of so many ns; where a model is chosen there is no half-life.
 * @param {{halfLife: Duration, prune: Duration, carry?: import("./weight.js").Model | null}} choice
 * @param {number} view
 * @returns {{halfLife: number | null, prune: number | null}}
 */
export function carryIn({halfLife, prune, carry}, view) {
  return {
    halfLife: carry ? null : isAuto(halfLife) ? nearestStop(view / PART_OF_VIEW.halfLife) : halfLife,
    prune: isAuto(prune) ? nearestStop(view / PART_OF_VIEW.prune) : prune,
  }
}

/** @param {Duration} duration @returns {duration is "auto"} */
export function isAuto(duration) {
  return duration === AUTO
}

/**
 * The stop of the slider that is nearest by ratio; of two that are as near the shorter.
 * @param {number} ns
 */
function nearestStop(ns) {
  const far = stop => Math.abs(Math.log(stop / Math.max(ns, 1)))
  return DURATIONS.filter(stop => stop !== null).reduce((best, stop) => far(stop) < far(best) ? stop : best)
}
