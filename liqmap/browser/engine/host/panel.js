// The component of a Panel app: bokeh's model, as the stage takes it.

import {Stage} from "./stage.js"

/** @param {{model: any, el: HTMLElement}} component of Panel */
export function render({model, el}) {
  /** @type {Set<(message: any) => void>} */
  const hearing = new Set()
  model.on("msg:custom", message => { for (const hear of hearing) hear(message) })
  const stage = new Stage(el, {
    send: message => model.send_msg(message),
    listen: hear => {
      hearing.add(hear)
      return () => hearing.delete(hear)
    },
  })
  for (const name of Stage.parts) model.on(name, () => stage.take(name, model[name]))
  model.on("local", () => stage.choose(model.local))
  model.on("remove", () => stage.close())
  const {themes, scene, layout, choice, looking} = model
  stage.open({themes, scene, layout, choice, looking})
  Object.assign(el, {stage})  // for programs that look at the page
}
