// What there is to draw of a line: its runs between breaks, and the part of a stretch that can be seen.

/**
 * The runs of a line, each x and y of its points in turn. Where it has steps, what holds last before a break holds until it.
 * @param {Pick<import("./decode.js").LineShape, "x" | "y" | "steps">} line
 * @param {{x: (x: number) => number, y: (y: number) => number}} axes
 * @returns {number[][]}
 */
export function runsOf({x, y, steps}, axes) {
  /** @type {number[][]} */
  const runs = []
  /** @type {number[]} */
  let run = []
  for (let i = 0; i < x.length; i++) {
    const right = axes.x(x[i]), up = axes.y(y[i]), isKnown = right === right && up === up
    if (steps && run.length && right === right) run.push(right, run[run.length - 1])
    if (isKnown) run.push(right, up)
    if (run.length && (!isKnown || i == x.length - 1)) runs.push(run)
    if (!isKnown) run = []
  }
  return runs
}

/**
 * The part of a stretch within a box; null where there is none.
 * @param {number[]} stretch from x, y to x, y
 * @param {{left: number, top: number, right: number, bottom: number}} box
 */
export function stretchWithin([x0, y0, x1, y1], {left, top, right, bottom}) {
  const across = x1 - x0, down = y1 - y0
  let from = 0, to = 1
  for (const [by, room] of [[-across, x0 - left], [across, right - x0], [-down, y0 - top], [down, bottom - y0]]) {
    if (by === 0 && room < 0) return null
    if (by < 0) from = Math.max(from, room / by)
    if (by > 0) to = Math.min(to, room / by)
  }
  if (!(from <= to)) return null
  return [
    from > 0 ? x0 + from * across : x0, from > 0 ? y0 + from * down : y0,
    to < 1 ? x0 + to * across : x1, to < 1 ? y0 + to * down : y1,
  ]
}
