// Clocks of time zones: what a clock of a zone shows at an instant, and when it shows it.

/** Zones change their clocks at whole multiples of so many s. */
const STEP = 900

/** @type {Map<string, {format: Intl.DateTimeFormat, offsets: Map<number, number>}>} */
const KNOWN = new Map()

/** @param {string} zone */
function known(zone) {
  if (!KNOWN.has(zone)) {
    const parts = /** @type {const} */ ({year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric"})
    KNOWN.set(zone, {format: new Intl.DateTimeFormat("en-US-u-hc-h23", {timeZone: zone, era: "short", ...parts}), offsets: new Map()})
  }
  return KNOWN.get(zone)
}

/**
 * Whether there is a zone of that name.
 * @param {string} zone
 */
export function isZone(zone) {
  try {
    return /^[A-Za-z]/.test(zone) && Boolean(known(zone))
  } catch {
    return false
  }
}

/**
 * How far clocks of a zone are ahead of UTC, s.
 * @param {string} zone
 * @param {number} seconds since the epoch
 */
export function offsetOf(zone, seconds) {
  if (zone == "UTC") return 0
  const {format, offsets} = known(zone), block = Math.floor(seconds / STEP)
  if (!offsets.has(block)) {
    const at = Object.fromEntries(format.formatToParts(block * STEP * 1000).map(({type, value}) => [type, Number(value)]))
    const local = Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second) / 1000
    if (offsets.size > 10_000) offsets.clear()
    offsets.set(block, local - block * STEP)
  }
  return offsets.get(block)
}

/**
 * When the clocks of a zone show a time; NaN where they skip it, the first time where they show it twice.
 * @param {string} zone
 * @param {number} local what they show, s
 */
export function instantOf(zone, local) {
  const ahead = [-86_400, 86_400].map(far => offsetOf(zone, local + far))
  const found = [...new Set(ahead)].map(offset => local - offset).filter(at => at + offsetOf(zone, at) == local)
  return found.length ? Math.min(...found) : NaN
}
