// Imports modules of Panel's components. In place of es-module-shims, which Panel brings for browsers without import
// maps: that compiles text, as no policy of ours lets it. Panel asks it for files of the server, and, as text, for the
// one module below: word for word its own (models/reactive_esm.ts).
self.importShim = (() => {
  function render(id) {
    const view = Bokeh.index.find_one_by_id(id)
    if (view == null) return null
    const output = view.render_fn({
      view, model: view.model_proxy, data: view.model.data, el: view.container,
    })
    Promise.resolve(output).then(out => {
      if (out instanceof Element) view.container.replaceChildren(out)
      view.after_rendered()
    })
  }
  const rendering = Promise.resolve({default: {render}})
  const shim = url => url.startsWith("blob:") ? rendering : import(new URL(url, document.baseURI).href)
  return Object.assign(shim, {addImportMap() {}})
})()
