// Elements of a page, made of plain data. Words are text, whatever they say: nothing of a name is run as HTML.

/**
 * @param {string} tag
 * @param {Record<string, any>} [about] properties, or attributes where there is no such property; undefined is left out
 * @param {...(Node | string)} inside
 * @returns {any}
 */
export function make(tag, about = {}, ...inside) {
  const element = /** @type {any} */ (document.createElement(tag))
  for (const [name, value] of Object.entries(about)) {
    if (value === undefined) continue
    if (name in element) element[name] = value
    else element.setAttribute(name, value)
  }
  element.append(...inside)
  return element
}

/**
 * A line that begins with its label.
 * @param {{label?: string, title?: string}} part
 * @param {...Node} inside
 */
export function line({label, title}, ...inside) {
  return make("div", {className: "line", title}, make("span", {className: "label", ariaHidden: "true"}, label), ...inside)
}
