// A slider beside a picture tells it what a hand chooses, in the page: neither knows where the other is, and a page may
// have several of both.

const SLID = "liqmap-slid"

/**
 * @param {HTMLElement} element of the slider
 * @param {string} page which both belong to
 * @param {Record<string, any>} choice
 */
export function slid(element, page, choice) {
  element.dispatchEvent(new CustomEvent(SLID, {bubbles: true, composed: true, detail: {page, choice}}))
}

/**
 * @param {string} page
 * @param {(choice: Record<string, any>) => void} hear
 * @returns {() => void} what stops it
 */
export function onSlid(page, hear) {
  const over = new AbortController()
  document.addEventListener(SLID, event => {
    const {detail} = /** @type {CustomEvent} */ (event)
    if (detail.page == page) hear(detail.choice)
  }, {signal: over.signal})
  return () => over.abort()
}
