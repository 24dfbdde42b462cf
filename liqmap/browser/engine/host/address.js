// The component of a Panel app that keeps the address of the page: the query of what is chosen, and where one goes back to.

/** @param {{model: any}} component of Panel */
export function render({model}) {
  const over = new AbortController(), page = (/** @type {string} */ text) => new URLSearchParams(text).get("page")
  const write = () => {
    const {query} = model
    // In place: a drag of a slider is no page to go back to. Another page of the app is one.
    const put = page(query) == page(location.search) ? "replaceState" : "pushState"
    history[put](history.state, "", location.pathname + (query ? `?${query}` : "") + location.hash)
  }
  model.on("query", write)
  if (model.query) write()
  // Of what lies behind "back" the page alone is taken, and all else stays as it has been chosen since.
  addEventListener("popstate", () => model.send_msg({id: 0, kind: "went", ask: {page: page(location.search)}}), {signal: over.signal})
  model.on("remove", () => over.abort())
}
