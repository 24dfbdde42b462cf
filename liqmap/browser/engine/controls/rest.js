// Parts that choose nothing: what stands above others, words, buttons that do something, and what says when it is painted.

import {make} from "./elements.js"

/** @typedef {import("./form.js").Part} Part */
/** @typedef {import("./form.js").Hands} Hands */
/** @typedef {import("./form.js").Made} Made */

/**
 * The name of what stands below.
 * @param {Part} part
 * @returns {Made}
 */
export function heading({label}) {
  return {element: make("h2", {}, label), show() {}}
}

/**
 * Words that Python says.
 * @param {Part} part
 * @returns {Made}
 */
export function words({name, title}) {
  const element = make("span", {className: `words ${name}`, title})
  return {element, show(value) { element.textContent = value }}
}

/**
 * Words below a control, while there are any.
 * @param {Part} part
 * @returns {Made}
 */
export function note({title}) {
  const element = make("div", {className: "note", title})
  return {element, show(value) { Object.assign(element, {textContent: value, hidden: !value}) }}
}

/**
 * A button, whose words are its value.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function button({name, title, wide}, hands) {
  const element = make("button", {type: "button", title})
  if (wide) element.style.width = `${wide}px`
  element.addEventListener("click", () => hands.tell("press", {name}))
  return {element, show(value) { element.textContent = value }}
}

/**
 * Buttons beside each other. The value has a look by name: other words, whether it is there, can be pressed, is on.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function actions({label, name, of, beside}, hands) {
  const buttons = of.map(({name: pressed, label: words, title}) => {
    const element = make("button", {type: "button", title}, words)
    element.addEventListener("click", () => hands.tell("press", {name: pressed}))
    return element
  })
  const element = make("div", {className: beside ? "actions beside" : "actions", role: "group", ariaLabel: label}, ...buttons)
  return {element, names: [name], show(value) {
    buttons.forEach((one, k) => {
      const {words = of[k].label, hidden = false, disabled = false, on = false} = value[of[k].name] ?? {}
      Object.assign(one, {textContent: words, hidden, disabled})
      one.classList.toggle("on", on)
    })
    element.hidden = buttons.every(one => one.hidden)
  }}
}

/**
 * Room between what stands to the left and to the right.
 * @returns {Made}
 */
export function gap() {
  return {element: make("span", {className: "gap"}), show() {}}
}

/**
 * Says back a number of Python once the browser has painted what came with it. Messages come in their order: who has this
 * one and has painted since, has painted the picture before it.
 * @param {Part} part
 * @param {Hands} hands
 * @returns {Made}
 */
export function echo(part, hands) {
  return {element: make("i", {hidden: true}), show(value) {
    requestAnimationFrame(() => requestAnimationFrame(() => hands.tell("painted", {count: value})))
  }}
}
