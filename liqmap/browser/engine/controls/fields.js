// One of many, and what is typed in.

import {line, make} from "./elements.js"

/** @typedef {import("./form.js").Part} Part */
/** @typedef {import("./form.js").Hands} Hands */
/** @typedef {import("./form.js").Made} Made */

/**
 * One of many; a value beside them, that somebody else has chosen, is offered too.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function select(part, hands) {
  const input = make("select", {ariaLabel: part.label}), unit = part.unit ?? ""
  let options = part.options
  const fill = some => {
    options = some
    input.replaceChildren(...options.map(([words]) => new Option(words)))
  }
  fill(options)
  input.addEventListener("change", () => hands.choose(part.name, options[input.selectedIndex][1]))
  if (part.wide) input.style.width = `${part.wide}px`
  const element = part.bare ? Object.assign(input, {title: part.title}) : line(part, input)
  return {element, show(value, look) {
    if (look?.options) fill(look.options)
    if (!options.some(([, one]) => one === value)) fill([...options, [`${value}${unit}`, value]])
    input.selectedIndex = options.findIndex(([, one]) => one === value)
  }}
}

/**
 * A number.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function field(part, hands) {
  const {min, max, step, label} = part, input = make("input", {type: "number", min, max, step, ariaLabel: label})
  input.addEventListener("change", () => hands.choose(part.name, Number(input.value)))
  return {element: line(part, input), show(value) { input.value = String(value) }}
}

/**
 * Words that Python reads.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function text(part, hands) {
  const input = make("input", {type: "text", placeholder: part.placeholder, ariaLabel: part.label, spellcheck: false})
  input.addEventListener("change", () => hands.choose(part.name, input.value))
  if (part.wide) input.style.width = `${part.wide}px`
  const element = part.bare ? Object.assign(input, {title: part.title}) : line(part, input)
  return {element, show(value) { input.value = value }}
}
