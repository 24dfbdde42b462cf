// The last picture, where it lies in the view of now: until the next one comes it is moved and stretched.

import {within} from "./layers.js"

/** @typedef {import("../source/source.js").Picture} Picture */

export class LastImage {
  /** What is known of it, without its pixels. @type {Omit<Picture, "image"> | null} */
  picture = null
  #canvas = document.createElement("canvas")

  /** Keeps the pixels as an image that the browser can scale. @param {Picture} picture */
  keep({image: {pixels, width, height}, ...rest}) {
    this.picture = rest
    this.#canvas.width = width
    this.#canvas.height = height
    const data = new ImageData(new Uint8ClampedArray(/** @type {ArrayBuffer} */ (pixels.buffer)), width, height)
    this.#canvas.getContext("2d").putImageData(data, 0, 0)
  }

  /** The pixels that are kept, the highest price first. */
  get pixels() {
    const {width, height} = this.#canvas
    return this.picture && this.#canvas.getContext("2d").getImageData(0, 0, width, height)
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {import("./plot.js").Plot} plot
   * @param {number | null} until ns; a column that ends later holds what is not known by then
   */
  draw(ctx, plot, until) {
    if (!this.picture) return
    const {bounds: [begin, end, low, high], steps: [column]} = this.picture, {width, height} = this.#canvas
    const last = until === null ? end : Math.min(begin + Math.floor((until - begin) / column) * column, end)
    if (last <= begin) return
    const left = plot.x(begin), top = plot.y(high), part = width * (last - begin) / (end - begin)
    ctx.imageSmoothingEnabled = false
    within(ctx, plot, () => {
      ctx.drawImage(this.#canvas, 0, 0, part, height, left, top, plot.x(last) - left, plot.y(low) - top)
    })
  }
}
