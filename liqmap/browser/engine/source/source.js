// Where pixels come from: the interface that a chart asks. A worker that holds the spans is one source (worker_source.js);
// a server that rasterizes them would be another.

/**
 * @typedef {object} Source
 * @property {() => Promise<Record<string, any>>} open what is drawn over pictures, by the names that marks need it by:
 *   `touch` (a Quote of each side), `trades` (Trades); see book/decode.js
 * @property {(ask: Ask) => Promise<Picture>} frame a picture of a view; charts ask for one at a time, or for as many as
 *   may be `ahead`, which are answered in their order
 * @property {number} [ahead]
 * @property {(at: {time: number, price: number}) => Promise<Cell | null>} cell of the picture last asked for; null
 *   beside it
 * @property {(box: {times: [number, number], prices: [number, number]}) => Promise<string>} [measure] what lies in a box,
 *   in words that a measure says below its own
 * @property {() => void} close
 *
 * @typedef {object} Ask a view, its pixels, and all that was chosen
 * @property {import("../chart/plot.js").View} view
 * @property {number[]} size pixels of the screen
 * @property {number | null} halfLife ns
 * @property {number | null} prune ns
 * @property {(import("../raster/weight.js").Model & {name?: string}) | null} [carry] a model instead of the half-life;
 *   a source elsewhere knows it by its name
 * @property {"peak" | "mean" | "last"} agg
 * @property {number | null} rowTicks ticks a row; null for as few as the pixels can show
 * @property {number[] | null} cutoffs percentiles; null cuts the scale by itself
 * @property {number[] | null} limits sizes
 * @property {string} scaling
 * @property {boolean} stable whether the scale is that of the whole session
 * @property {number} minSize
 * @property {boolean[]} shown bids, asks
 * @property {string} carriedShown
 * @property {number} carried strength
 * @property {number} opacity of the colours, 0 to 1
 * @property {import("../colour/ramp.js").Colours} palette
 * @property {string} [paletteName] of which a source elsewhere makes them itself, with
 * @property {string} [theme]
 *
 * @typedef {object} Picture
 * @property {{pixels: Uint32Array, width: number, height: number}} image RGBA, red lowest, highest price first
 * @property {[number, number, number, number]} bounds of the image: begin and end, ns, lowest and highest price
 * @property {[number, number]} steps ns a column, ticks a row
 * @property {{low: number, high: number, sizes: number[]}} scale sizes at its ends, and at 0, 1/2 and 1
 * @property {number[]} sizes that it was cut from, at `RANKS`
 * @property {number} share of the liquidity drawn that is carried, 0 to 1
 * @property {[number, number] | null} lit cells that show what is observed, and what is carried; null of what Python draws
 * @property {number} [last] until when the book that was drawn had been told, ns
 *
 * @typedef {object} Cell
 * @property {0 | 1 | null} side that shows; null for none
 * @property {number} size
 * @property {number} raw the size as last seen: of what is carried before it faded, else the same
 * @property {number} state
 * @property {boolean} known
 * @property {number | null} age ns
 * @property {string} [there] how likely what is carried is still there, in words
 * @property {number} left
 * @property {number} right
 * @property {number} low ticks
 * @property {number} high ticks
 */
