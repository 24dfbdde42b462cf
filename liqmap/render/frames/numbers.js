// Numbers as liqmap.render.frames.words has them, for all that runs in a browser: the page, axes, the app's sliders.

/**
 * As numpy.interp: xs rise.
 * @param {number} x
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} ys
 */
export function between(x, xs, ys) {
  if (!(x > xs[0])) return ys[0]
  const last = xs.length - 1
  if (x >= xs[last]) return ys[last]
  let k = 1
  while (xs[k] <= x) k++
  return ys[k - 1] + (ys[k] - ys[k - 1]) / (xs[k] - xs[k - 1]) * (x - xs[k - 1])
}

/**
 * Half to even, as numpy has it.
 * @param {number} value
 */
export function rint(value) {
  const below = Math.floor(value), rest = value - below
  return rest < 0.5 || (rest == 0.5 && below % 2 == 0) ? below : below + 1
}

/**
 * Rounded to so many digits, without zeros at the end.
 * @param {number} number
 * @param {number} digits
 */
export function rounded(number, digits) {
  const found = Number(number.toPrecision(digits))
  return Math.abs(found) < 1e-4 && found ? found.toExponential() : String(found)
}

/**
 * A size in at most about five characters: 0.0021, 3.4, 120, 14k.
 * @param {number} size
 */
export function short(size) {
  if (!Number.isFinite(size)) return "–"
  const large = Math.abs(size)
  for (const [limit, letter, unit] of /** @type {[number, string, number][]} */ ([[1e9, "G", 1e9], [1e6, "M", 1e6], [1e4, "k", 1e3]])) {
    if (large >= limit) return rounded(size / unit, 3) + letter
  }
  return large >= 100 ? size.toFixed(0) : rounded(size, large < 10 ? 2 : 3)
}
