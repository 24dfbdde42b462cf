// Columns of time: edges, with what finds the column of an instant.

/**
 * @typedef {object} Columns
 * @property {Float64Array} edges ns
 * @property {number} count
 * @property {number} slope columns a ns, on the whole
 * @property {boolean} even whether all are equally wide
 * @property {Float64Array} per one over the width of each
 */

/** @param {Float64Array} edges @returns {Columns} */
export function columnsOf(edges) {
  const n = edges.length - 1, width = edges[1] - edges[0]
  return {
    edges,
    count: n,
    slope: n / (edges[n] - edges[0]),
    even: edges.every((edge, j) => j == 0 || edge - edges[j - 1] == width),
    per: edges.subarray(1).map((edge, j) => 1 / (edge - edges[j])),
  }
}

/**
 * The column j with edges[j] <= t < edges[j + 1]; the count for the last edge. t lies within the edges.
 * @param {number} t
 * @param {Columns} columns
 */
export function columnOf(t, {edges, count, slope}) {
  let j = Math.min(Math.floor((t - edges[0]) * slope), count)
  while (edges[j] > t) j--
  while (j < count && edges[j + 1] <= t) j++
  return j
}
