// The choices beside the picture, both ways: elements -> choice -> elements.

const at = id => document.getElementById(id)
const SIDES = ["bids", "asks"], LAYERS = RULES.choices.layers
const SWITCHES = [...SIDES, ...LAYERS, "stable"], SELECTS = ["palette", "scaling", "carriedShown"]

function stopsOf(first, value) {
  const stops = [...first, ...meta.durations].filter((v, i, all) => all.indexOf(v) == i)
  if (!stops.includes(value)) stops.push(value)
  return stops.sort((a, b) => (a ?? Infinity) - (b ?? Infinity))
}

function fillControls() {
  stops.halfLife = stopsOf([], choice.halfLife)
  stops.prune = stopsOf([0], choice.prune)
  at("half-life").max = stops.halfLife.length - 1
  at("prune").max = stops.prune.length - 1
  const names = Object.keys(meta.presets)
  at("preset").replaceChildren(...[...names, meta.custom].map(name => new Option(name, name)))
  at("half-life").addEventListener("input", e => choose({halfLife: stops.halfLife[e.target.value]}))
  at("prune").addEventListener("input", e => choose({prune: stops.prune[e.target.value]}))
  at("preset").addEventListener("change", e => e.target.value in meta.presets && choose(meta.presets[e.target.value]))
  at("agg").addEventListener("change", e => choose({agg: e.target.value}))
  at("cut-low").addEventListener("input", e => cut(0, Number(e.target.value)))
  at("cut-high").addEventListener("input", e => cut(1, Number(e.target.value)))
  at("auto").addEventListener("change", e => choose({cutoffs: e.target.checked ? null : cutoffsNow(), limits: null}))
  at("carried").addEventListener("input", e => choose({carried: e.target.value / 100}))
  at("min-size").addEventListener("input", e => choose({minSize: stops.minSize[e.target.value]}))
  at("palette").replaceChildren(...Object.keys(meta.themes.dark.palettes).map(name => new Option(name, name)))
  for (const name of SELECTS) at(name).addEventListener("change", e => choose({[name]: e.target.value}))
  for (const name of SWITCHES) at(name).addEventListener("change", e => choose({[name]: e.target.checked}))
  at("box").addEventListener("click", () => choose({box: !choice.box}))
  at("reset").addEventListener("click", () => setView(meta.view))
  at("theme").addEventListener("click", () => choose({theme: choice.theme == "dark" ? "light" : "dark"}))
}

// Percentiles at which colours begin and saturate: those chosen, or those of the cut-offs that the picture has.
function cutoffsNow() {
  if (choice.cutoffs && !choice.limits || !picture?.sizes.length) return choice.cutoffs ?? RULES.scale.auto
  const {low, high} = picture.scale
  return [low, high].map(size => Math.round(10 * percentOf(picture.sizes, size)) / 10)
}

// A handle has been moved: it takes over from what the picture has by itself, and from sizes.
function cut(end, percent) {
  let [low, high] = cutoffsNow()
  if (end == 0) [low, high] = [Math.min(percent, 99.9), Math.max(high, percent + 0.1)]
  else [low, high] = [Math.min(low, percent - 0.1), Math.max(percent, 0.1)]
  choose({cutoffs: [Math.max(low, 0), Math.min(high, 100)].map(p => Math.round(10 * p) / 10), limits: null})
}

function showCutoffs() {
  const ends = cutoffsNow(), sizes = picture ? [picture.scale.low, picture.scale.high].map(short) : ends.map(p => `${p} %`)
  const unit = picture ? ` ${meta.units.size}${perWords(picture.steps[1])}` : ""
  ;["cut-low", "cut-high"].forEach((id, k) => setRange(id, ends[k], sizes[k] + unit))
  at("auto").checked = !choice.cutoffs && !choice.limits
}

// Take some choices, and redraw what they change.
function choose(some) {
  Object.assign(choice, some)
  showChoice()
  if ("theme" in some) dress()
  if (["theme", ...LAYERS].some(name => name in some)) requestDraw()
  if (Object.keys(some).some(name => ![...LAYERS, "box"].includes(name))) refresh()
  writeAddress()
}

function showChoice() {
  for (const [id, key] of [["half-life", "halfLife"], ["prune", "prune"]]) {
    const place = stops[key].indexOf(choice[key])
    if (place < 0) {
      stops[key] = stopsOf(key == "prune" ? [0] : [], choice[key])
      at(id).max = stops[key].length - 1
    }
    setRange(id, stops[key].indexOf(choice[key]), stopWords(choice[key]))
  }
  const preset = Object.entries(meta.presets).find(([, p]) =>
    choice.prune === p.prune && (choice.halfLife === p.halfLife || p.prune === 0))
  at("preset").value = preset ? preset[0] : meta.custom
  at("agg").querySelector(`[value=${choice.agg}]`).checked = true
  showCutoffs()
  setRange("carried", Math.round(100 * choice.carried), `${Math.round(100 * choice.carried)} %`)
  if (picture) fitSizes()
  for (const name of SELECTS) at(name).value = choice[name]
  for (const name of SWITCHES) at(name).checked = choice[name]
  at("box").setAttribute("aria-pressed", choice.box)
  at("theme").textContent = choice.theme == "dark" ? "light" : "dark"
}

function setRange(id, value, words) {
  const range = at(id)
  range.value = value
  range.setAttribute("aria-valuetext", words)
  range.style.setProperty("--at", `${100 * (range.value - range.min) / (range.max - range.min)}%`)
  at(`${id}-value`).textContent = words
}

// The colours of the theme, on the page.
function dress() {
  document.documentElement.dataset.theme = choice.theme
  const {css, light} = meta.themes[choice.theme]
  for (const [name, colour] of Object.entries(css)) document.documentElement.style.setProperty(`--${name}`, colour)
  document.documentElement.style.colorScheme = light ? "light" : "dark"
}

// The tables that the rasterizer takes, by theme, palette and how carried liquidity is shown.
function paletteNow() {
  const {background, empty, opacity, palettes} = meta.themes[choice.theme], {sides, tones} = palettes[choice.palette]
  const lit = sides.map(stops => rampOf(stops, opacity))
  const carried = choice.carriedShown == "outline" ? tones.map(stops => rampOf(stops, opacity))
    : lit.map(side => faint(side, background, choice.carried))
  return {sides: lit, carried, empty}
}

function perWords(ticks) {
  return choice.agg == "peak" || ticks == 1 ? "" : " a tick"
}

// The legend names the lines and discs that are there.
function tellMarks({one, two, bubbles}) {
  at("key-ask").hidden = at("key-bid").hidden = !two
  at("key-mid").hidden = !one
  at("key-mid").querySelector("span").textContent = two ? "both in a pixel" : "best bid, ask"
  at("key-trades").style.visibility = bubbles.length ? "" : "hidden"
  at("key-largest").textContent = bubbles.length ? `largest ${short(bubbles[0].size)} ${meta.units.size}` : ""
}

// The legend and the strip below follow what is drawn.
function tellPicture() {
  fitSizes()
  showCutoffs()
  const {scale, steps, share} = picture, sizes = scale.sizes.map(short), {sides, carried} = paletteNow()
  ;["bids", "asks"].forEach((name, s) => {
    const bar = at(`bar-${name}`), strips = bar.querySelectorAll("i")
    bar.hidden = !choice[name]
    bar.querySelector(".unit").textContent = meta.units.size + perWords(steps[1])
    strips[0].style.background = gradient(sides[s])
    strips[1].style.background = gradient(carried[s])
    strips[1].hidden = choice.carriedShown == "hide"
    bar.querySelector(".sizes").replaceChildren(...sizes.map(words => {
      const span = document.createElement("span")
      span.textContent = words
      return span
    }))
  })
  at("key-states").hidden = !choice.bids && !choice.asks
  at("key-states").lastElementChild.hidden = choice.carriedShown == "hide"
  const rows = price(steps[1] * tick, places)
  const per = choice.agg == "peak" ? "a level" : "a tick"
  at("strip").innerHTML = shareWords(share).replace(/^[^%]+%/, "<b>$&</b>")
    + ` &nbsp;·&nbsp; ${carryWords(choice.halfLife, choice.prune)} &nbsp;·&nbsp; ${choice.agg}, ${meta.units.size} ${per}`
    + ` &nbsp;·&nbsp; cells of ${duration(steps[0])} x ${rows} ${meta.units.price}`
}

function gradient(colours) {
  const stops = Array.from({length: 12}, (_, k) => colours[Math.round(k * (colours.length - 1) / 11)])
  return `linear-gradient(90deg, ${stops.map(c => `rgb(${c & 255} ${c >>> 8 & 255} ${c >>> 16 & 255})`).join(", ")})`
}
