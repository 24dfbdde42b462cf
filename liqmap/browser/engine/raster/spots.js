// The cells that carried pieces reach under any half-life and prune: of a frame that is drawn again only these change.

/** @typedef {{first: Int32Array, column: Int32Array}} Spots columns of a row from `first[r]` to `first[r + 1]`, rising */

/**
 * Of each side, and of both.
 * @param {import("./settled.js").Settled[]} settled
 * @param {number} count columns
 * @returns {Generator<undefined, {sides: Spots[], both: Spots}>}
 */
export function* spotsOf(settled, count) {
  const P = settled[0].crossings.first.length - 1, row = new Uint8Array(count)
  const lists = [1, 2, 3].map(() => ({first: new Int32Array(P + 1), column: new Int32Array(0)}))
  for (const pass of [0, 1]) {
    const ends = [0, 0, 0]
    for (let r = 0; r < P; r++) {
      settled.forEach((side, s) => markRow(side, r, count, row, 1 << s))
      for (let c = 0; c < count; c++) {
        if (row[c] == 0) continue
        for (let k = 0; k < 3; k++) {
          if ((row[c] & k + 1) == 0) continue
          if (pass == 1) lists[k].column[ends[k]] = c
          ends[k]++
        }
      }
      row.fill(0)
      lists.forEach(({first}, k) => { first[r + 1] = ends[k] })
      if (r % 8 == 7) yield
    }
    if (pass == 0) lists.forEach((list, k) => { list.column = new Int32Array(ends[k]) })
  }
  return {sides: [lists[0], lists[1]], both: lists[2]}
}

/** @param {import("./settled.js").Settled} side @param {number} r @param {number} count @param {Uint8Array} row @param {number} bit */
function markRow({heads, crossings: {first, column, stop}}, r, count, row, bit) {
  const {each} = heads.get(0)
  for (let i = each.first[r]; i < each.first[r + 1]; i++) row[each.column[i]] |= bit
  for (let i = first[r]; i < first[r + 1]; i++) {
    for (let c = column[i]; c <= stop[i] && c < count; c++) row[c] |= bit
  }
}
