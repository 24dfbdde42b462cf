// The choices and the view in the address, so that a link shows what its sender saw: #half_life=2min&prune=none&...
// Only what differs from what the page opens with is written, and what cannot be read is left as it is.

const NAMES = {agg: "agg", theme: "theme", palette: "palette", scaling: "scaling", carriedShown: "carried_shown"}
const WAIT = 250
let writing = 0

function durationText(ns) {
  if (ns === null) return "none"
  const unit = Object.keys(NS).reverse().find(name => ns >= NS[name] && String(ns / NS[name]).length < 7) ?? "s"
  return ns / NS[unit] + unit
}

// ns; null for none; undefined where it is no duration.
function durationOf(text) {
  if (text == "none") return null
  const [, number, unit] = /^([\d.e+-]+)([a-z]+)$/.exec(text) ?? []
  const ns = Math.round(Number(number) * NS[unit])
  return ns >= 0 ? ns : undefined
}

function addressOf(choice, view) {
  const query = new URLSearchParams(), first = meta.choice
  const tell = (name, key, text) => String(choice[key]) == String(first[key]) || query.set(name, text(choice[key]))
  tell("half_life", "halfLife", durationText)
  tell("prune", "prune", durationText)
  for (const [key, name] of Object.entries(NAMES)) tell(name, key, String)
  tell("cutoffs", "cutoffs", cutoffs => cutoffs ? String(cutoffs) : "auto")
  tell("limits", "limits", limits => limits ? String(limits) : "none")
  tell("carried", "carried", String)
  tell("stable", "stable", stable => stable ? "on" : "off")
  tell("min_size", "minSize", String)
  if (TOGGLES.some(name => choice[name] != first[name])) query.set("layers", TOGGLES.filter(name => choice[name]))
  if (String(view) != String(meta.opened)) query.set("view", view.map((v, k) => k < 2 ? Math.round(v) : Number(v.toPrecision(12))))
  return String(query).replaceAll("%2C", ",")
}

// What an address says: choices, and a view or none.
function readAddress(address) {
  const query = new URLSearchParams(address), some = {}
  const numbers = name => (query.get(name) ?? "").split(",").map(text => text === "" ? NaN : Number(text))
  const take = (key, value, good) => { if (good) some[key] = value }
  const halfLife = durationOf(query.get("half_life") ?? ""), prune = durationOf(query.get("prune") ?? "")
  take("halfLife", halfLife, halfLife === null || halfLife > 0)
  take("prune", prune, prune !== undefined)
  for (const [key, name] of Object.entries(NAMES)) take(key, query.get(name), allowed(key).includes(query.get(name)))
  const [low, high] = numbers("cutoffs"), [from, to] = numbers("limits"), [least] = numbers("min_size")
  take("cutoffs", [low, high], low >= 0 && low < high && high <= 100)
  take("cutoffs", null, query.get("cutoffs") == "auto")
  take("limits", [from, to], from >= 0 && from < to && to < Infinity)
  take("limits", null, query.get("limits") == "none")
  const [carried] = numbers(query.has("strength") ? "strength" : "carried")  // the former is its name in old links
  take("carried", carried, carried >= 0 && carried <= 1)
  take("carriedShown", query.get("carried"), allowed("carriedShown").includes(query.get("carried")))  // as above
  take("stable", query.get("stable") == "on", ["on", "off"].includes(query.get("stable")))
  take("minSize", least, least >= 0 && least < Infinity)
  if (query.has("layers")) for (const name of TOGGLES) some[name] = query.get("layers").split(",").includes(name)
  const there = numbers("view")
  return {some, view: there.length == 4 && there[0] < there[1] && there[2] < there[3] ? there : null}
}

function allowed(key) {
  if (key == "theme") return Object.keys(meta.themes)
  if (key == "palette") return Object.keys(meta.themes[meta.choice.theme].palettes)
  if (key == "agg") return [...at("agg").querySelectorAll("input")].map(input => input.value)
  return [...at(key).options].map(option => option.value)
}

function writeAddress() {
  clearTimeout(writing)
  writing = setTimeout(() => history.replaceState(null, "", "#" + addressOf(choice, view)), WAIT)
}

function followAddress() {
  const {some, view: there} = readAddress(location.hash.slice(1))
  choose({...meta.choice, box: choice.box, ...some})
  setView(there ?? meta.opened)
}
