// Shapes as Python sends them -> shapes as they are drawn. Times are ns from the day that the market counts from.

/**
 * What a readout says of each item of a shape: names, and for each item as many words.
 * @typedef {{names: string[], words: string[][]}} Facts
 *
 * A line; NaN breaks it. `steps`: y[i] holds from x[i] to x[i + 1]. `second`: sizes are on the panel's second axis.
 * @typedef {{kind: "line", x: Float64Array, y: Float64Array, colour: string, width: number, steps: boolean,
 *   second: boolean}} LineShape
 *
 * Straight lines; `colour` holds places in `colours`.
 * @typedef {{kind: "segments", x0: Float64Array, y0: Float64Array, x1: Float64Array, y1: Float64Array,
 *   colour: Uint8Array, colours: string[], width: number}} SegmentsShape
 *
 * Rectangles. `rim`: pixels of an outline of the same colour.
 * @typedef {{kind: "boxes", x0: Float64Array, y0: Float64Array, x1: Float64Array, y1: Float64Array,
 *   colour: Uint8Array, colours: string[], alpha: number, rim: number, told: Facts | null}} BoxesShape
 *
 * Discs of a radius in pixels, later ones over earlier ones. `alpha`: of the face; `width`: pixels of the rim.
 * @typedef {{kind: "discs", x: Float64Array, y: Float64Array, radius: Float64Array, face: Uint8Array, rim: Uint8Array,
 *   colours: string[], alpha: number, width: number, told: Facts | null}} DiscsShape
 *
 * An image, the lowest price first; `bounds`: begin, end, low, high. `canvas`: the same, once it was drawn.
 * @typedef {{kind: "pixels", image: Uint8Array, width: number, height: number, bounds: number[],
 *   canvas: HTMLCanvasElement | null}} PixelsShape
 *
 * @typedef {{kind: "words", x: Float64Array, y: Float64Array, text: string[], colour: string,
 *   align: "left" | "right" | "centre", ground: string | null, small: boolean}} WordsShape
 *
 * @typedef {LineShape | SegmentsShape | BoxesShape | DiscsShape | PixelsShape | WordsShape} Shape
 *
 * @typedef {{low: number, high: number, label: string}} SizeAxis
 *
 * What a tooltip says of bars [low, high) along the axis that a panel shares with its chart.
 * @typedef {{low: Float64Array, high: Float64Array, names: string[], words: string[][]}} Told
 *
 * @typedef {{shapes: Shape[], axis: SizeAxis, second: SizeAxis | null, title: string, told: Told | null}} PanelContent
 */

const CORNERS = ["x0", "y0", "x1", "y1"]

/** What each kind consists of: columns of numbers, columns of places in `colours`, texts, numbers and switches. */
const KINDS = {
  line: {numbers: ["x", "y"], places: [], texts: ["colour"], plain: {width: 1.2, steps: false, second: false}},
  segments: {numbers: CORNERS, places: ["colour"], texts: [], plain: {width: 1.2}},
  boxes: {numbers: CORNERS, places: ["colour"], texts: [], plain: {alpha: 1, rim: 0}},
  discs: {numbers: ["x", "y", "radius"], places: ["face", "rim"], texts: [], plain: {alpha: 1, width: 0}},
  words: {numbers: ["x", "y"], places: [], texts: ["colour"], plain: {small: false}},
}
const ALIGNS = ["left", "right", "centre"]

/**
 * @param {any[]} wired
 * @returns {Shape[]}
 */
export function decodeShapes(wired) {
  return listOf(wired, "shapes").map((shape, k) => decodeShape(shape, `shape ${k}`))
}

/**
 * @param {any} wired
 * @returns {PanelContent}
 */
export function decodePanel({shapes, axis, second = null, title = "", told = null}) {
  const found = decodeShapes(shapes), low = told && doubles(told.low, "bars: low")
  if (!second && found.some(shape => shape.kind == "line" && shape.second)) {
    throw new Error("panel: a line is on a second axis, and there is none")
  }
  return {
    shapes: found, title, axis: axisOf(axis, "axis"), second: second && axisOf(second, "second axis"),
    told: told && {low, high: doubles(told.high, "bars: high", low.length), ...facts(told, low.length, "bars")},
  }
}

/** @param {any} wired @param {string} order @returns {Shape} */
function decodeShape(wired, order) {
  const kind = wired?.kind, where = `${order} (${kind})`
  if (kind == "pixels") return pixelsOf(wired, where)
  if (!Object.hasOwn(KINDS, kind)) {
    throw new Error(`${order}: expected a kind of ${[...Object.keys(KINDS), "pixels"].join(", ")}, got ${kind}`)
  }
  const {numbers, places, texts, plain} = KINDS[kind]
  /** @type {any} */
  const made = {kind, ...plain}
  for (const [name, usual] of Object.entries(plain)) {
    made[name] = wired[name] ?? usual
    if (typeof made[name] != typeof usual) throw new Error(`${where}: ${name}: expected a ${typeof usual}, got ${typeof made[name]}`)
  }
  for (const name of texts) made[name] = text(wired[name], `${where}: ${name}`)
  for (const name of numbers) made[name] = doubles(wired[name], `${where}: ${name}`, made[numbers[0]]?.length)
  const {length} = made[numbers[0]]
  if (places.length) made.colours = listOf(wired.colours, `${where}: colours`).map(colour => text(colour, `${where}: colours`))
  for (const name of places) made[name] = indices(wired[name], length, made.colours.length, `${where}: ${name}`)
  if (kind == "boxes" || kind == "discs") made.told = wired.told ? facts(wired.told, length, where) : null
  return kind == "words" ? Object.assign(made, wordsOf(wired, length, where)) : made
}

function wordsOf({text: given, align = "left", ground = null}, length, where) {
  const texts = listOf(given, `${where}: text`)
  if (texts.length != length) throw new Error(`${where}: expected ${length} texts, got ${texts.length}`)
  if (!ALIGNS.includes(align)) throw new Error(`${where}: expected align to be one of ${ALIGNS.join(", ")}, got ${align}`)
  return {text: texts, align, ground}
}

/** @returns {PixelsShape} */
function pixelsOf({image, width, height, bounds}, where) {
  const bytes = bytesOf(image, `${where}: image`)
  if (bytes.length != 4 * width * height) {
    throw new Error(`${where}: expected 4 bytes for each of ${width} x ${height} pixels, got ${bytes.length} bytes`)
  }
  if (bounds?.length != 4 || !bounds.every(Number.isFinite)) {
    throw new Error(`${where}: expected begin, end, low and high as bounds, got ${bounds}`)
  }
  return {kind: "pixels", image: bytes, width, height, bounds: [...bounds], canvas: null}
}

/** @returns {SizeAxis} */
function axisOf({low, high, label = ""}, where) {
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw new Error(`${where}: expected two numbers, got ${low}, ${high}`)
  return {low, high, label}
}

/** @returns {Facts} */
function facts({names, words: given}, length, where) {
  const words = listOf(given, `${where}: words`)
  if (words.length != length) throw new Error(`${where}: expected words of ${length} items, got ${words.length}`)
  const other = words.find(some => some.length != names.length)
  if (other) throw new Error(`${where}: expected ${names.length} words an item, got ${other.length}`)
  return {names, words}
}

/** @returns {any[]} */
function listOf(given, where) {
  if (!Array.isArray(given)) throw new Error(`${where}: expected a list, got ${given === null ? "null" : typeof given}`)
  return given
}

function text(given, where) {
  if (typeof given != "string") throw new Error(`${where}: expected a text, got ${typeof given}`)
  return given
}

/**
 * Bytes as they are, wherever in a buffer they lie.
 * @param {unknown} given
 * @param {string} where
 */
function bytesOf(given, where) {
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
  if (Object.prototype.toString.call(given) == "[object ArrayBuffer]") return new Uint8Array(/** @type {ArrayBuffer} */ (given))
  throw new Error(`${where}: expected bytes, got ${given === null ? "null" : typeof given}`)
}

/**
 * Numbers of 8 bytes, the least significant first; copied where they do not lie as a `Float64Array` must.
 * @param {unknown} given
 * @param {string} where
 * @param {number} [length]
 */
function doubles(given, where, length) {
  const bytes = bytesOf(given, where), count = bytes.length / 8
  if (count % 1) throw new Error(`${where}: expected numbers of 8 bytes, got ${bytes.length} bytes`)
  if (length !== undefined && count != length) throw new Error(`${where}: expected ${length} numbers, got ${count}`)
  const {buffer, byteOffset} = bytes.byteOffset % 8 ? bytes.slice() : bytes
  return new Float64Array(buffer, byteOffset, count)
}

function indices(given, length, colours, where) {
  const bytes = bytesOf(given, where)
  if (bytes.length != length) throw new Error(`${where}: expected ${length} bytes, got ${bytes.length}`)
  const beyond = bytes.find(place => place >= colours)
  if (beyond !== undefined) throw new Error(`${where}: expected places in ${colours} colours, got ${beyond}`)
  return bytes
}
