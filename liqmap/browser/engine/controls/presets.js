// Choices by name: those of liqmap, and one's own, which can be kept and forgotten.

import {CUSTOM} from "../rules.js"
import {line, make} from "./elements.js"

/** @typedef {import("./form.js").Part} Part */
/** @typedef {import("./form.js").Hands} Hands */
/** @typedef {import("./form.js").Made} Made */

const REMOVE = "remove", SURE = "sure?"

/**
 * @param {Part} part with the titles of `save`, `remove` and `field`, too
 * @param {Hands} hands
 * @returns {Made}
 */
export function presets(part, hands) {
  const select = make("select", {ariaLabel: part.label}), message = make("p", {role: "alert", className: "message"})
  const save = make("button", {type: "button", title: part.save}, "save")
  const remove = make("button", {type: "button", title: part.remove}, REMOVE)
  const name = make("input", {
    type: "text", title: part.field, ariaLabel: "name of your preset", placeholder: "name of your preset, then Enter",
  })
  let presets = {names: [], name: "", own: [], keep: false, message: ""}
  /** What can be done beside a preset: one's own is saved already, and can be removed. */
  const offer = () => {
    const own = presets.own.includes(select.value)
    save.hidden = !presets.keep || own
    remove.hidden = !presets.keep || !own
    remove.textContent = REMOVE
    if (own || !presets.keep) name.hidden = true
  }
  name.hidden = true
  select.addEventListener("change", () => {
    offer()
    message.hidden = true
    if (select.value != CUSTOM) hands.choose("preset", select.value)
  })
  save.addEventListener("click", () => {
    name.hidden = !name.hidden
    if (!name.hidden) name.focus()
  })
  name.addEventListener("change", () => {
    if (name.value) hands.choose("preset_to_save", name.value)
    name.value = ""
  })
  remove.addEventListener("click", () => {  // the second click does it: the preset may be that of others too
    if (remove.textContent == REMOVE) remove.textContent = SURE
    else hands.choose("preset_to_remove", select.value)
  })
  const element = make("div", {}, line(part, select, save, remove), name, message)
  element.firstChild.classList.add("presets")
  return {element, show(value) {
    presets = value
    select.replaceChildren(...[...presets.names, CUSTOM].map(one => new Option(one)))
    select.value = presets.name
    message.textContent = presets.message
    message.hidden = !presets.message
    offer()
  }}
}
