// An image as a canvas, which browsers scale: made when it is first drawn, kept with its shape.

/** @param {import("./decode.js").PixelsShape} shape */
export function imageOf(shape) {
  return shape.canvas ??= painted(shape)
}

/** @param {import("./decode.js").PixelsShape} shape */
function painted({image, width, height}) {
  const canvas = Object.assign(document.createElement("canvas"), {width, height})
  const data = new ImageData(width, height), row = 4 * width
  for (let r = 0; r < height; r++) data.data.set(image.subarray(r * row, (r + 1) * row), (height - 1 - r) * row)
  canvas.getContext("2d").putImageData(data, 0, 0)
  return canvas
}
