// A source whose pixels Python makes: it sends the places of cells on the colours, and the page has the colours.

import {signed} from "../colour/ramp.js"
import {coloursOfThere} from "../colour/there.js"

/** @typedef {import("../source/source.js").Source} Source */
/** @typedef {import("../source/source.js").Ask} Ask */
/** @typedef {{number: number, cells: Uint16Array}} Places of a picture */

/** @implements {Source} */
export class HostSource {
  /** While one picture is on its way and painted, the next is made. */
  ahead = 2
  #channel
  #before
  /** The last picture: where the next one has the same cells, it comes without them. @type {Places | null} */
  #last = null

  /**
   * @param {import("./channel.js").Channel} channel
   * @param {boolean} before whether it is the picture as transmitted, beside the other
   */
  constructor(channel, before) {
    this.#channel = channel
    this.#before = before
  }

  /** Nothing: what lies over pictures comes as shapes. @returns {Promise<Record<string, any>>} */
  async open() {
    return {}
  }

  /** @param {Ask} ask @returns {Promise<import("../source/source.js").Picture>} */
  async frame({palette, carry, ...ask}) {
    const had = this.#last
    const question = {...ask, carry: carry?.name ?? null, before: this.#before, have: had && had.number}
    const {places, number, width, height, there, ...picture} = await this.#channel.ask("frame", question)
    const {cells} = this.#last = places === null && had ? had : {number, cells: new Uint16Array(places)}
    return {...picture, image: {pixels: coloured(cells, there ? coloursOfThere(palette) : coloursOfPlaces(palette)), width, height}}
  }

  /** @param {{time: number, price: number}} at @returns {Promise<import("../source/source.js").Cell | null>} */
  cell({time, price}) {
    return this.#channel.ask("cell", {at: [time, price], before: this.#before})
  }

  close() {}
}

/**
 * The colours of places: 0 unknown, 1 known to be empty, then the shades of observed and carried bids, of observed and
 * carried asks, one after the other.
 * @param {import("../colour/ramp.js").Colours} palette
 */
export function coloursOfPlaces({empty, sides, carried}) {
  const shades = sides[0].length, table = new Uint32Array(2 + 4 * shades)
  table[1] = empty
  for (const side of [0, 1]) {
    table.set(sides[side], 2 + 2 * side * shades)
    table.set(carried[side], 2 + (2 * side + 1) * shades)
  }
  return table
}

/** @param {Uint16Array} places @param {Uint32Array} table */
export function coloured(places, table) {
  const pixels = new Uint32Array(places.length), out = signed(pixels), colours = signed(table)
  for (let i = 0; i < out.length; i++) out[i] = colours[places[i]]
  return pixels
}
