// Messages of a component of Panel, over bokeh's model.

/** @param {any} model @returns {import("./channel.js").Wire} */
export function wireOf(model) {
  /** @type {Set<(message: any) => void>} */
  const hearing = new Set()
  model.on("msg:custom", message => { for (const hear of hearing) hear(message) })
  return {
    send: message => model.send_msg(message),
    listen: hear => {
      hearing.add(hear)
      return () => hearing.delete(hear)
    },
  }
}
