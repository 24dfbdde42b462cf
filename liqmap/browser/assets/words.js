// Words and numbers for people.

const NS = {us: 1e3, ms: 1e6, s: 1e9, min: 6e10, h: 3.6e12, d: 8.64e13}

// "30 s", "1.5 min", "none".
function spell(ns) {
  if (ns === null || ns === Infinity) return "none"
  if (ns === 0) return "0"
  const unit = Object.keys(NS).reverse().find(name => ns >= NS[name]) ?? "ns"
  return `${Number((ns / (NS[unit] ?? 1)).toPrecision(3))} ${unit}`
}

// A size in at most about five characters: 0.0021, 3.4, 120, 14k.
function short(size) {
  for (const [limit, letter, unit] of [[1e9, "G", 1e9], [1e6, "M", 1e6], [1e4, "k", 1e3]]) {
    if (size >= limit) return Number((size / unit).toPrecision(3)) + letter
  }
  return size >= 100 ? size.toFixed(0) : String(Number(size.toPrecision(size < 10 ? 2 : 3)))
}

// A size as a tooltip says it: three digits at least.
function exact(size) {
  const digits = size >= 1000 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size)))
  return size.toFixed(Math.min(digits, 10))
}

function price(value, places) {
  return value.toLocaleString("en-US", {minimumFractionDigits: places, maximumFractionDigits: places})
}

// Time of day of an instant, with as many digits as steps of so many ns need, and its date.
function clock(ns, step) {
  const seconds = Math.floor(ns / 1e9), at = new Date((baseSeconds + seconds) * 1000).toISOString()
  const digits = step >= 1e9 ? 0 : Math.min(9, Math.ceil(9 - Math.log10(step) - 1e-9))
  const fraction = digits ? "." + String(Math.round(ns - seconds * 1e9)).padStart(9, "0").slice(0, digits) : ""
  return {date: at.slice(0, 10), time: at.slice(11, 19) + fraction}
}

function carryWords(halfLife, prune) {
  if (prune === 0) return "as transmitted (prune 0)"
  return `${halfLife === null ? "no decay" : `half-life ${spell(halfLife)}`}, ${prune === null ? "no prune" : `prune ${spell(prune)}`}`
}
