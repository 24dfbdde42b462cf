// The legend above the chart, and the strip below it: what is drawn, and nothing else.

import {short} from "../numbers.js"
import {isAuto} from "../raster/auto_carry.js"
import {carryWords, duration, perWords, price, shareWords} from "../words/words.js"

/** Entries that a column has room for above the chart. */
const ROWS = 3

/** @typedef {import("../chart/chart.js").Chart} Chart */
/** @typedef {import("../marks/marks.js").Entry} Entry */

export class Legend {
  #chart
  #root
  /** What is said of each mark. @type {Map<string, {element: HTMLElement, said: string}>} */
  #marks = new Map()

  /** @param {Chart} chart @param {Document} root that has the places, by id */
  constructor(chart, root) {
    this.#chart = chart
    this.#root = root
    chart.addEventListener("marks", () => this.#showMarks())
    chart.addEventListener("picture", () => this.#showPicture())
  }

  /** @param {string} id @returns {any} */
  #at(id) {
    return this.#root.getElementById(id)
  }

  /** A mark that is on, of which nothing is in view, keeps its room, so that the others stay where they are. */
  #showMarks() {
    for (const {name, entries} of this.#chart.legend) {
      if (!this.#marks.has(name)) this.#marks.set(name, {element: this.#place(), said: ""})
      const mark = this.#marks.get(name), said = JSON.stringify(entries)
      mark.element.hidden = !this.#chart.choice[name]
      mark.element.style.visibility = entries.length ? "" : "hidden"
      if (!entries.length || said == mark.said) continue
      mark.element.replaceChildren(...entries.map(lineOf))
      mark.element.style.gridTemplateRows = `repeat(${rowsOf(entries.length)}, auto)`
      mark.said = said
    }
  }

  #place() {
    const element = Object.assign(document.createElement("div"), {className: "marks"})
    this.#at("key-layers").append(element)
    return element
  }

  #showPicture() {
    const {choice, drawnWith, picture: {scale, steps, share}, market, colours} = this.#chart, sizes = scale.sizes.map(short)
    ;["bids", "asks"].forEach((name, s) => {
      const bar = this.#at(`bar-${name}`), strips = bar.querySelectorAll("i")
      bar.hidden = !choice[name]
      bar.querySelector(".unit").textContent = market.units.size + perWords(choice.agg, steps[1])
      strips[0].style.background = gradient(colours.sides[s])
      strips[1].style.background = gradient(colours.carried[s])
      strips[1].hidden = choice.carriedShown == "hide"
      bar.querySelector(".sizes").replaceChildren(...sizes.map(words => {
        const span = document.createElement("span")
        span.textContent = words
        return span
      }))
    })
    const states = this.#at("key-states")
    states.hidden = !choice.bids && !choice.asks
    states.lastElementChild.hidden = choice.carriedShown == "hide"
    const rows = price(steps[1] * market.tick, market.places), per = choice.agg == "peak" ? "a level" : "a tick"
    const auto = {halfLife: isAuto(choice.halfLife), prune: isAuto(choice.prune)}
    const said = [
      shareWords(share).replace(/^[^%]+%/, "<b>$&</b>"), carryWords(drawnWith.halfLife, drawnWith.prune, auto, drawnWith.carry),
      `${choice.agg}, ${market.units.size} ${per}`, `cells of ${duration(steps[0])} x ${rows} ${market.units.price}`,
    ]
    this.#at("strip").innerHTML = said.join(" &nbsp;·&nbsp; ")
  }
}

/**
 * Rows of so many entries, in as few columns as rows allow and of about one length.
 * @param {number} count
 */
function rowsOf(count) {
  return Math.ceil(count / Math.max(Math.ceil(count / ROWS), 1))
}

/** A word after a line or a disc of its colour. @param {Entry} entry */
function lineOf({word, colour, line, discs}) {
  const element = document.createElement("div")
  if (discs) {
    element.className = "sizekey"
    element.append(...discs.map(sizeKey), word)
    return element
  }
  if (colour) {
    const key = Object.assign(document.createElement("i"), {className: line ? "line" : "disc"})
    key.style.setProperty("--colour", `var(--${colour})`)
    if (!line) key.style.setProperty("--rim", `var(--${colour}-rim, var(--${colour}))`)
    element.append(key)
  }
  element.append(word)
  return element
}

/** A disc and its size. @param {{radius: number, word: string}} disc */
function sizeKey({radius, word}) {
  const element = document.createElement("span"), disc = document.createElement("i")
  disc.style.width = disc.style.height = `${(2 * radius).toFixed(1)}px`
  element.append(disc, word)
  return element
}

/** @param {Uint32Array} colours */
function gradient(colours) {
  const stops = Array.from({length: 12}, (_, k) => colours[Math.round(k * (colours.length - 1) / 11)])
  return `linear-gradient(90deg, ${stops.map(c => `rgb(${c & 255} ${c >>> 8 & 255} ${c >>> 16 & 255})`).join(", ")})`
}
