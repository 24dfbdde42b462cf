// Columns that grow at their end, and rows of levels that grow at the end of each level: with room to spare, so that
// appending costs what is appended.

/** Of a level that is moved because it has no room left: so many rows at least. */
const LEAST = 8

/**
 * A column of its first `kept` values and more after them: in its own buffer, if there is room.
 * @param {Float64Array} values
 * @param {number} kept
 * @param {Float64Array} more
 */
export function extended(values, kept, more) {
  const n = kept + more.length, room = values.buffer.byteLength / values.BYTES_PER_ELEMENT
  let whole = new Float64Array(values.buffer)
  if (n > room) {
    whole = new Float64Array(n + (n >> 1))
    whole.set(values.subarray(0, kept))
  }
  whole.set(more, kept)
  return whole.subarray(0, n)
}

/**
 * Rows of levels in columns: those of level k from `first[k]` to `stop[k]`, with room up to `limit[k]`, and all of them
 * before `used`. A level that needs more moves to the end, into twice the room.
 */
export class LevelRows {
  #table
  #names

  /**
   * @param {any} table `first`, `stop` and the columns; `limit` and `used` are added when it first grows
   * @param {string[]} names of the columns
   */
  constructor(table, names) {
    this.#table = table
    this.#names = names
    if (table.limit) return
    const {first, stop} = table
    table.used = stop.length ? stop[stop.length - 1] : 0
    Object.assign(table, {first: first.slice(0, stop.length), stop: stop.slice(), limit: stop.slice()})
  }

  /**
   * Levels in between, without a row.
   * @param {Int32Array} from which of the levels before each is; -1 for a new one
   */
  spread(from) {
    const {used} = this.#table
    for (const name of ["first", "stop", "limit"]) {
      const before = this.#table[name]
      this.#table[name] = from.map(k => k < 0 ? used : before[k])
    }
  }

  /**
   * Keeps some rows of a level, and puts others after them.
   * @param {number} k
   * @param {number} kept
   * @param {any} rows a table of the same columns
   * @param {number} begin
   * @param {number} end
   */
  replace(k, kept, rows, begin, end) {
    const table = this.#table, n = kept + end - begin
    if (table.first[k] + n > table.limit[k]) this.#move(k, kept, Math.max(2 * n, LEAST))
    const at = table.first[k] + kept
    for (const name of this.#names) {
      const from = rows[name], to = table[name]
      for (let i = begin, j = at; i < end; i++, j++) to[j] = from[i]
    }
    table.stop[k] = at + end - begin
  }

  /** @param {number} k @param {number} kept @param {number} room */
  #move(k, kept, room) {
    const table = this.#table, {used, first} = table, begin = first[k], needed = used + room
    for (const name of this.#names) {
      if (needed > table[name].length) {
        const whole = new Float64Array(needed + (needed >> 1))
        whole.set(table[name].subarray(0, used))
        table[name] = whole
      }
      table[name].copyWithin(used, begin, begin + kept)
    }
    first[k] = used
    table.limit[k] = table.used = needed
  }
}
