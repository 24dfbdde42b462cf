// The lattice of liqmap.render.frames.frame: whole multiples of nice steps, from the epoch and from tick 0.

function niceStep(least, steps) {
  return steps.find(step => step >= least) ?? steps[steps.length - 1]
}

function lattice(low, high, step) {
  const first = Math.floor(low / step)
  const count = Math.max(Math.ceil(high / step), first + 1) - first
  return Float64Array.from({length: count + 1}, (_, k) => (first + k) * step)
}

function timeColumns(begin, end, width, steps) {
  const step = niceStep(Math.max(end - begin, 1) / Math.max(width, 1), steps)
  return lattice(begin, Math.max(end, begin + 1), step)
}

function priceRows(low, high, height, tick, steps) {
  const first = Math.floor(low / tick + 1e-6), last = Math.ceil(high / tick - 1e-6)
  return lattice(first, Math.max(last, first + 1), niceStep(Math.max(last - first, 1) / Math.max(height, 1), steps))
}

// Time edges with what finds the column of an instant.
function columnsOf(edges) {
  const n = edges.length - 1, width = edges[1] - edges[0]
  return {
    edges,
    count: n,
    slope: n / (edges[n] - edges[0]),
    even: edges.every((edge, j) => j == 0 || edge - edges[j - 1] == width),
    per: edges.subarray(1).map((edge, j) => 1 / (edge - edges[j])),
  }
}

// The column j with edges[j] <= t < edges[j + 1]; the count for the last edge. t lies within the edges.
function columnOf(t, {edges, count, slope}) {
  let j = Math.min(Math.floor((t - edges[0]) * slope), count)
  while (edges[j] > t) j--
  while (j < count && edges[j + 1] <= t) j++
  return j
}

// The first place from begin to stop whose value is above t; values rise.
function firstAfter(values, begin, stop, t) {
  while (begin < stop) {
    const middle = (begin + stop) >> 1
    if (values[middle] > t) stop = middle
    else begin = middle + 1
  }
  return begin
}

// The first such place whose value is at or above t.
function firstFrom(values, t, begin = 0, stop = values.length) {
  while (begin < stop) {
    const middle = (begin + stop) >> 1
    if (values[middle] >= t) stop = middle
    else begin = middle + 1
  }
  return begin
}
