// What is on or off, and one of a few.

import {line, make} from "./elements.js"

/** @typedef {import("./form.js").Part} Part */
/** @typedef {import("./form.js").Hands} Hands */
/** @typedef {import("./form.js").Made} Made */

/**
 * One of a few, all in sight.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function choice(part, hands) {
  const inputs = part.options.map(([, value]) => {
    const input = make("input", {type: "radio", name: part.name})
    input.addEventListener("change", () => hands.choose(part.name, value))
    return input
  })
  const labels = part.options.map(([words], k) => make("label", {}, inputs[k], make("span", {}, words)))
  const group = make("div", {className: "group", role: "radiogroup", ariaLabel: part.label}, ...labels)
  const element = part.bare ? Object.assign(group, {title: part.title}) : line(part, group)
  return {element, show(value, look) {
    element.hidden = look?.hidden ?? false
    element.title = look?.title ?? part.title
    inputs.forEach((input, k) => { input.checked = part.options[k][1] === value })
  }}
}

/**
 * Any of a few, all in sight, as a list in their order.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function several(part, hands) {
  let chosen = []
  const names = part.options.map(([, value]) => value)
  const buttons = part.options.map(([words, value, title]) => pressed(words, title || undefined, () => {
    const other = chosen.includes(value) ? chosen.filter(one => one != value) : [...chosen, value]
    hands.choose(part.name, names.filter(one => other.includes(one)))
  }))
  const group = make("div", {className: "group", role: "group", ariaLabel: part.label}, ...buttons)
  const element = line(part, group)
  return {element, show(value, {disabled = false, title} = {}) {
    chosen = value
    element.title = title ?? part.title
    buttons.forEach((button, k) => {
      button.disabled = disabled
      button.setAttribute("aria-pressed", String(chosen.includes(names[k])))
    })
  }}
}

/**
 * Of several choices each by itself.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function toggles(part, hands) {
  const state = {}
  const buttons = part.of.map(({name, label, title}) => pressed(label, title, () => hands.choose(name, !state[name])))
  const group = make("div", {className: "group apart", role: "group", ariaLabel: part.label}, ...buttons)
  return {element: line({label: part.label}, group), names: part.of.map(({name}) => name), show(value, look, name) {
    state[name] = value
    buttons[part.of.findIndex(one => one.name == name)].setAttribute("aria-pressed", String(value))
  }}
}

/**
 * On or off, in words.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function box(part, hands) {
  const input = make("input", {type: "checkbox"})
  input.addEventListener("change", () => hands.choose(part.name, input.checked))
  const element = make("label", {className: "box", title: part.title}, input, make("span", {}, part.label))
  return {element, show(value, look) {
    input.checked = value
    element.hidden = look?.hidden ?? false
    element.title = look?.title ?? part.title
  }}
}

/** @param {string} words @param {string | undefined} title @param {() => void} press */
function pressed(words, title, press) {
  const button = make("button", {type: "button", title, ariaPressed: "false"}, words)
  button.addEventListener("click", press)
  return button
}
