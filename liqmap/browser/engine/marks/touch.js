// The touch: best bid and best ask as steps, and their mid, as liqmap.render.marks.overlays has them.

import {firstAfter, firstFrom} from "../book/search.js"
import {NARROW_PIXELS, NO_QUOTE, TOUCH_WIDTH} from "../rules.js"

/** @typedef {import("./marks.js").Scene} Scene */
/** @typedef {[number, number, number, number]} Step x, until, y of bid, y of ask */
/** @typedef {{one: boolean, two: boolean, steps: Step[]}} Lines whether there is one line for both, two, or both */

/** @type {import("./marks.js").Mark<Lines>} */
export const bbo = {name: "bbo", order: 20, needs: "touch", make: () => ({draw: drawTouch, legend: touchLegend})}

/** @type {import("./marks.js").Mark<Step[]>} */
export const mid = {name: "mid", order: 30, needs: "touch", make: () => ({draw: drawMid, legend: midLegend})}

/** Steps of a scene, which both marks draw. @type {WeakMap<Scene, Step[]>} */
const STEPS = new WeakMap()

/** @param {Scene} scene */
function stepsOf(scene) {
  if (!STEPS.has(scene)) STEPS.set(scene, touchSteps(scene))
  return STEPS.get(scene)
}

/**
 * Best bid and best ask just before an instant, ticks; NaN where there is none.
 * @param {import("../book/decode.js").Quote[]} touch
 * @param {number} at
 */
export function touchAt(touch, at) {
  return touch.map(({start, tick}) => {
    const k = firstFrom(start, at) - 1
    return k < 0 || tick[k] == NO_QUOTE ? NaN : tick[k]
  })
}

/**
 * The touch in view as stretches, half a tick up: in the middle of its tick's cell; NaN where there is none. Of steps
 * within a pixel the last.
 * @param {Scene} scene
 */
function touchSteps({plot, market: {tick, last}, data: {touch}}) {
  const [begin, end] = plot.times, stop = Math.min(end, last)
  /** @type {Step[]} */
  const steps = []
  const past = touch.map(({start}) => firstAfter(start, 0, start.length, begin))
  const nextOf = s => past[s] < touch[s].start.length ? touch[s].start[past[s]] : Infinity
  const yOf = s => {
    const ticks = past[s] ? touch[s].tick[past[s] - 1] : NO_QUOTE
    return ticks == NO_QUOTE ? NaN : plot.y((ticks + 0.5) * tick)
  }
  for (let now = begin; now < stop;) {
    const x = plot.x(now), until = plot.time(x + 1)
    for (const s of [0, 1]) if (nextOf(s) < until) past[s] = firstFrom(touch[s].start, until, past[s])
    const then = Math.min(nextOf(0), nextOf(1), stop)
    steps.push([x, plot.x(then), yOf(0), yOf(1)])
    now = then
  }
  return steps
}

/**
 * One line of the steps; where `y` gives NaN there is none.
 * @param {Step[]} steps
 * @param {(step: Step) => number} y
 */
function linePath(steps, y) {
  const path = new Path2D()
  let pen = false
  for (const step of steps) {
    const at = y(step)
    if (at !== at) pen = false
    else {
      if (pen) path.lineTo(step[0], at)
      else path.moveTo(step[0], at)
      path.lineTo(step[1], at)
      pen = true
    }
  }
  return path
}

/**
 * Best bid and best ask; one line at their mid where the spread is too narrow for two.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Scene} scene
 * @returns {Lines}
 */
function drawTouch(ctx, scene) {
  const steps = stepsOf(scene), isNarrow = ([, , bid, ask]) => Math.abs(bid - ask) < NARROW_PIXELS
  ctx.lineWidth = TOUCH_WIDTH
  ctx.lineJoin = "bevel"
  const line = (name, y) => {
    ctx.strokeStyle = scene.colours[name]
    ctx.stroke(linePath(steps, y))
  }
  line("best-ask", step => isNarrow(step) ? NaN : step[3])
  line("best-bid", step => isNarrow(step) ? NaN : step[2])
  line("mid", step => isNarrow(step) ? (step[2] + step[3]) / 2 : NaN)
  const one = steps.some(isNarrow)
  return {one, two: steps.some(step => !isNarrow(step) && (step[2] === step[2] || step[3] === step[3])), steps}
}

/** @param {Lines} lines @returns {import("./marks.js").Entry[]} */
function touchLegend({one, two}) {
  const both = [{word: "best bid", colour: "best-bid", line: true}, {word: "best ask", colour: "best-ask", line: true}]
  const narrow = {word: two ? "both in a pixel" : "best bid, ask", colour: "mid", line: true, key: "mid"}
  return [...two ? both : [], ...one ? [narrow] : []]
}

/**
 * The middle of both, where there are both.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Scene} scene
 */
function drawMid(ctx, scene) {
  const steps = stepsOf(scene)
  ctx.lineWidth = TOUCH_WIDTH
  ctx.lineJoin = "bevel"
  ctx.strokeStyle = scene.colours.mid
  ctx.stroke(linePath(steps, ([, , bid, ask]) => (bid + ask) / 2))
  return steps
}

/** @param {Step[]} steps @returns {import("./marks.js").Entry[]} */
function midLegend(steps) {
  const any = steps.some(([, , bid, ask]) => bid + ask === bid + ask)
  return any ? [{word: "mid", colour: "mid", line: true, key: "mid"}] : []
}
