// Places in values that rise.

/**
 * The first place from begin to stop whose value is above t.
 * @param {ArrayLike<number>} values
 * @param {number} begin
 * @param {number} stop
 * @param {number} t
 */
export function firstAfter(values, begin, stop, t) {
  while (begin < stop) {
    const middle = (begin + stop) >> 1
    if (values[middle] > t) stop = middle
    else begin = middle + 1
  }
  return begin
}

/**
 * The first such place whose value is at or above t.
 * @param {ArrayLike<number>} values
 * @param {number} t
 */
export function firstFrom(values, t, begin = 0, stop = values.length) {
  while (begin < stop) {
    const middle = (begin + stop) >> 1
    if (values[middle] >= t) stop = middle
    else begin = middle + 1
  }
  return begin
}
