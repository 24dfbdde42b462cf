// The component of a Panel app that shows a session: bokeh's model, as the stage takes it.

import {onSlid} from "./slid.js"
import {Stage} from "./stage.js"
import {wireOf} from "./wire.js"

/** @param {{model: any, el: HTMLElement}} component of Panel */
export function render({model, el}) {
  const stage = new Stage(el, wireOf(model))
  for (const name of Stage.parts) model.on(name, () => stage.take(name, model[name]))
  const stop = onSlid(model.page, choice => stage.choose(choice))
  model.on("remove", () => {
    stop()
    stage.close()
  })
  const {themes, models, scene, layout, choice, looking} = model
  stage.open({themes, models, scene, layout, choice, looking})
  Object.assign(el, {stage})  // for programs that look at the page
}
