// Bytes -> columns -> a book: spans of each side by tick and time, windows, quotes, trades (see pack.py).
// All times become ns since `base`, the start of a UTC day, as float64: exact for a hundred days.

const NEVER = Infinity

async function unpack(base64) {
  const text = atob(base64)
  const packed = new Uint8Array(text.length)
  for (let i = 0; i < packed.length; i++) packed[i] = text.charCodeAt(i)
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

function decodeColumns(bytes, header) {
  const columns = {}
  let at = 0
  for (const {name, kind, count, bytes: length, scale} of header) {
    const part = bytes.subarray(at, at + length)
    columns[name] = kind == "float" ? new Float64Array(part.slice().buffer) : decodeWhole(part, count)
    if (kind == "decimal") for (let i = 0; i < count; i++) columns[name][i] /= scale
    at += length
  }
  return columns
}

// Unsigned LEB128.
function decodeWhole(bytes, count) {
  const out = new Float64Array(count)
  for (let i = 0, at = 0; i < count; i++) {
    let byte = bytes[at++], value = byte & 127, place = 128
    while (byte > 127) {
      byte = bytes[at++]
      value += (byte & 127) * place
      place *= 128
    }
    out[i] = value
  }
  return out
}

function accumulate(steps, scale, offset) {
  const out = new Float64Array(steps.length)
  for (let i = 0, sum = 0; i < steps.length; i++) {
    sum += steps[i]
    out[i] = offset + scale * sum
  }
  return out
}

// The inverse of zigzag, then running sums.
function walked(steps) {
  return accumulate(steps.map(v => v % 2 ? -(v + 1) / 2 : v / 2), 1, 0)
}

function decodeBook(bytes, header) {
  const columns = decodeColumns(bytes, header.columns)
  const {origin, unit} = header
  const sides = ["bid", "ask"].map(side => {
    const own = name => columns[`${side}.${name}`]
    return {
      ...decodeSpans(own, origin, unit),
      window: {
        start: accumulate(own("window.start"), unit, origin),
        kind: own("window.kind"),
        worst: walked(own("window.worst")),
      },
      quote: {start: accumulate(own("quote.start"), unit, origin), tick: walked(own("quote.tick"))},
    }
  })
  const trades = {
    time: accumulate(columns["trades.time"], header.trade_unit, origin),
    price: columns["trades.price"],
    size: columns["trades.size"],
    aggressor: columns["trades.aggressor"],
  }
  return {sides, trades}
}

// Spans, and beside them the carried pieces (from seen to end), which are few.
function decodeSpans(own, origin, unit) {
  const levels = walked(own("levels")), counts = own("count")
  const gap = own("gap"), dwell = own("dwell"), carriedFor = own("carried"), sizes = own("size")
  const n = gap.length
  const first = new Int32Array(levels.length + 1), pieceFirst = new Int32Array(levels.length + 1)
  const start = new Float64Array(n), seen = new Float64Array(n)
  let pieces = 0
  for (let i = 0; i < n; i++) pieces += carriedFor[i] > 0
  const piece = {
    first: pieceFirst,
    seen: new Float64Array(pieces),
    end: new Float64Array(pieces),
    size: new Float64Array(pieces),
  }
  let i = 0, k = 0
  for (let level = 0; level < levels.length; level++) {
    let clock = 0
    for (const stop = i + counts[level]; i < stop; i++) {
      clock += gap[i]
      start[i] = origin + unit * clock
      clock += dwell[i]
      seen[i] = origin + unit * clock
      if (carriedFor[i] > 0) {
        piece.seen[k] = seen[i]
        clock += carriedFor[i] - 1
        piece.end[k] = carriedFor[i] == 1 ? NEVER : origin + unit * clock
        piece.size[k++] = sizes[i]
      }
    }
    first[level + 1] = i
    pieceFirst[level + 1] = k
  }
  return {levels, first, start, seen, size: sizes, piece}
}
