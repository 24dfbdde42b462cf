// The canvases of a chart, one over the other: picture, lines, pointer.

/** @typedef {import("./plot.js").Plot} Plot */

const NAMES = /** @type {const} */ (["picture", "lines", "pointer"])

export class Layers {
  size = [1, 1]
  pixelRatio = 1

  /** @param {HTMLElement} root */
  constructor(root) {
    const [picture, lines, pointer] = NAMES.map(className => Object.assign(document.createElement("canvas"), {className}))
    this.picture = picture
    this.lines = lines
    this.pointer = pointer
    this.all = [picture, lines, pointer]
    root.prepend(...this.all)
  }

  /** As large as the root is now; says whether they were not. @param {HTMLElement} root */
  fit(root) {
    const {width, height} = root.getBoundingClientRect(), ratio = window.devicePixelRatio || 1
    const size = [Math.max(width, 1), Math.max(height, 1)]
    if (ratio == this.pixelRatio && size.every((length, k) => length == this.size[k])) return false
    this.size = size
    this.pixelRatio = ratio
    for (const layer of this.all) {
      layer.width = Math.round(this.size[0] * this.pixelRatio)
      layer.height = Math.round(this.size[1] * this.pixelRatio)
    }
    return true
  }

  /**
   * Ready to be drawn on in pixels of the page, empty.
   * @param {HTMLCanvasElement} layer
   */
  cleared(layer) {
    const ctx = layer.getContext("2d")
    ctx.setTransform(this.pixelRatio, 0, 0, this.pixelRatio, 0, 0)
    ctx.clearRect(0, 0, this.size[0], this.size[1])
    return ctx
  }
}

/**
 * Draw nothing beyond the axes.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Plot} plot
 * @param {() => void} work
 */
export function within(ctx, {left, top, width, height}, work) {
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, top, width, height)
  ctx.clip()
  work()
  ctx.restore()
}
