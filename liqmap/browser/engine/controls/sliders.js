// Sliders: over stops, over numbers, and one with two handles. Their words follow the handle.

import {sizeAt} from "../colour/scale.js"
import {short} from "../numbers.js"
import {stopWords} from "../words/words.js"
import {make} from "./elements.js"
import {moveEnd, showRange, stopsOf} from "./stops.js"

/** @typedef {import("./form.js").Part} Part */
/** @typedef {import("./form.js").Hands} Hands */
/** @typedef {import("./form.js").Made} Made */

/**
 * Over durations in ns, null for none. What it `follows` is a choice of the engine, which hears of it at once. Where a look
 * has `words`, something else counts in its place: it is faint, and says so, until a hand moves it.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function stops(part, hands) {
  const {element, input, output} = slider(part, {min: "0", step: "1"})
  let all = stopsOf(part.first, null), now = "", left = ""
  const show = (value, look) => {
    now = look?.words ?? ""
    if (now != left) left = ""
    const words = left ? "" : now
    if (!all.includes(value)) all = stopsOf(part.first, value)
    input.max = String(all.length - 1)
    showRange(input, output, all.indexOf(value), words || stopWords(value))
    element.classList.toggle("faint", Boolean(words))
    element.title = words && look.title || part.title
  }
  show(null, null)
  input.addEventListener("input", () => {
    const value = all[Number(input.value)]
    left = now  // from before Python has heard of it
    show(value, {words: now})
    hands.choose(part.name, value, part.follows)
  })
  return {element, show}
}

/**
 * Over the bounds of a number.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function number(part, hands) {
  const {element, input, output} = slider(part, part)
  const show = (value, look) => showRange(input, output, value, look?.words ?? String(Math.round(100 * value) / 100))
  input.addEventListener("input", () => {
    show(Number(input.value), null)
    hands.choose(part.name, Number(input.value))
  })
  return {element, show}
}

/**
 * Two handles over percentiles, which say the sizes that lie there, once they are known.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function range(part, hands) {
  const {label, title, name, min, max, step} = part
  const output = make("output"), track = make("div", {className: "track"})
  const inputs = ["from", "to"].map(end =>
    make("input", {type: "range", min, max, step, ariaLabel: `${label}, ${end}`}))
  track.append(...inputs)
  const element = make("div", {className: "slider two", title, role: "group", ariaLabel: label},
    make("span", {className: "title"}, `${label}: `, output), track)
  let ends = [min, max], /** @type {any} */ look = {}
  const unit = () => look.sizes?.length ? look.unit : "%"
  const size = percent => {
    if (!look.sizes?.length) return String(percent)
    const said = look.ends.find(([at]) => Math.abs(at - percent) < 1e-6)
    return short(said ? said[1] : sizeAt(look.sizes, percent))
  }
  const draw = () => {
    const both = make("output")  // of each handle for itself
    inputs.forEach((input, k) => showRange(input, both, ends[k], `${size(ends[k])} ${unit()}`))
    output.textContent = `${ends.map(size).join(" .. ")} ${unit()}`
    for (const [k, side] of ["--from", "--to"].entries()) track.style.setProperty(side, String((ends[k] - min) / (max - min)))
  }
  inputs.forEach((input, k) => input.addEventListener("input", () => {
    ends = moveEnd(ends, /** @type {0 | 1} */ (k), Number(input.value))
    draw()
    hands.choose(name, ends)
  }))
  return {element, show(value, some) {
    [ends, look] = [value, some]
    draw()
  }}
}

/** @param {Part} part @param {{min?: any, max?: any, step?: any}} bounds */
function slider({label, title}, {min, max, step}) {
  const output = make("output"), input = make("input", {type: "range", min, max, step, ariaLabel: label})
  const words = make("span", {className: "title"}, `${label}: `, output)
  return {element: make("label", {className: "slider", title}, words, input), input, output}
}
