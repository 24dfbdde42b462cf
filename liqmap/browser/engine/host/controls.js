// The component of a Panel app that shows controls: bokeh's model, as they take it.

import {Form} from "../controls/form.js"
import {make} from "../controls/elements.js"
import {CONTROLS} from "../styles.js"
import {Channel} from "./channel.js"
import {slid} from "./slid.js"
import {wireOf} from "./wire.js"

/** @param {{model: any, el: HTMLElement}} component of Panel */
export function render({model, el}) {
  const body = make("div", {className: `controls ${model.kind}`}), {parts, page} = model
  el.append(make("style", {textContent: CONTROLS}), body)
  const channel = new Channel(wireOf(model))
  const form = new Form(body, JSON.parse(parts), {
    tell: (kind, what) => channel.tell(kind, what),
    ask: (kind, what) => channel.ask(kind, what),
    slid: choice => slid(el, page, choice),
  })
  form.look(model.looks)
  form.take(model.shown)
  model.on("looks", () => form.look(model.looks))
  model.on("shown", () => form.take(model.shown))
  model.on("refused", () => form.refuse(model.refused.names))
  model.on("remove", () => {
    form.close()
    channel.close()
  })
}
