// The stops of sliders over sizes, between those of the colours.

const DECADE = [1, 1.5, 2, 3, 5, 7]

/**
 * Sizes that the smallest one shown may be.
 * @param {{low: number, high: number}} scale
 */
export function sizesOf({low: from, high}) {
  const low = Math.max(from, high / 1e4)  // a linear scale may begin at 0
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high))
  const decades = Array.from({length: last - first + 1}, (_, k) => 10 ** (first + k))
  const all = decades.flatMap(decade => DECADE.map(n => Number((n * decade).toPrecision(2))))
  return [0, ...all.filter(size => size > low && size < high)]
}

/**
 * Sizes that the smallest trade may be: from where half of the trades are left out up to the largest.
 * @param {ArrayLike<number>} sizes
 */
export function tradesOf(sizes) {
  const some = Float64Array.from(sizes).sort(), high = some[some.length - 1]
  return high > 0 ? sizesOf({low: Math.min(some[some.length >> 1], high / 2), high}) : [0]
}
