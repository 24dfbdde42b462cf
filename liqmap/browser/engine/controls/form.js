// What there is to choose beside a picture: parts that a host describes, made of elements that browsers have.

import {box, choice, several, toggles} from "./buttons.js"
import {field, select, text} from "./fields.js"
import {files} from "./files.js"
import {list} from "./list.js"
import {presets} from "./presets.js"
import {actions, button, echo, gap, heading, note, words} from "./rest.js"
import {number, range, stops} from "./sliders.js"
import {Told} from "./told.js"

/**
 * @typedef {object} Part one control, or several that stand on one line
 * @property {string} kind a name of `KINDS`
 * @property {string} [name] what it chooses
 * @property {string} [label]
 * @property {string} [title] what it is for, in one line
 * @property {[string, any, string?][]} [options] words and values, and of some what they are
 * @property {any[]} [of] what stands beside each other
 * @property {(number | null)[]} [first] stops before those of all sliders
 * @property {string} [follows] the choice of the engine that it is of
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [step]
 * @property {string} [unit] after a value that has no words
 * @property {string} [placeholder]
 * @property {string} [save]
 * @property {string} [remove]
 * @property {string} [field]
 * @property {boolean} [beside] whether it stands beside the heading before it
 * @property {boolean} [bare] whether it has no label in sight
 * @property {number} [wide] pixels, where not as wide as what it says
 *
 * @typedef {object} Hands what a part tells
 * @property {(name: string, value: any, follows?: string) => void} choose
 * @property {(kind: string, what: any) => Promise<any>} ask
 * @property {(kind: string, what: any) => void} tell
 *
 * @typedef {object} Made
 * @property {HTMLElement} element
 * @property {string[]} [names] whose values it shows, where it has no single one
 * @property {(value: any, look: any, name: string) => void} show
 *
 * @typedef {{heard: number, values: Record<string, any>}} Shown what Python has heard of by hand, and values by name
 *
 * @typedef {object} Host
 * @property {(kind: string, what: any) => void} tell
 * @property {(kind: string, what: any) => Promise<any>} ask
 * @property {(choice: Record<string, any>) => void} slid a choice of the engine, by hand, which no message need wait for
 */

/** @type {Record<string, (part: Part, hands: Hands) => Made>} */
const KINDS = {stops, number, range, choice, several, toggles, box, select, field, text, presets, files, heading,
  words, note, button, actions, gap, echo, list}

export class Form {
  /** @type {Map<string, Made>} */
  #made = new Map()
  /** What each shows. @type {Map<string, string>} */
  #spelled = new Map()
  /** @type {Record<string, any>} */
  #values = {}
  /** @type {Record<string, any>} */
  #looks = {}
  #told

  /** @param {HTMLElement} element @param {Part[]} parts @param {Host} host */
  constructor(element, parts, host) {
    this.#told = new Told(message => host.tell("choose", message))
    const hands = {
      choose: (name, value, follows) => {
        if (follows) host.slid({[follows]: value})
        this.#told.choose(name, value)
        this.#show(name)
      },
      ask: host.ask,
      tell: host.tell,
    }
    for (const part of parts) {
      const made = KINDS[part.kind](part, hands)
      element.append(made.element)
      for (const name of made.names ?? (part.name ? [part.name] : [])) this.#made.set(name, made)
    }
  }

  /** What Python has. @param {Shown} shown */
  take({heard, values}) {
    this.#values = values
    this.#told.heard(heard)
    this.#showAll()
  }

  /** What is to be known of some beside their values. @param {Record<string, any>} looks */
  look(looks) {
    this.#looks = looks
    this.#showAll()
  }

  /** Python does not take what was chosen of these: they stand where they stood. @param {string[]} names */
  refuse(names) {
    this.#told.refused(names)
    for (const name of names) {
      this.#spelled.delete(name)
      this.#show(name)
    }
  }

  close() {
    this.#told.close()
  }

  #showAll() {
    for (const name of this.#made.keys()) this.#show(name)
  }

  /** @param {string} name */
  #show(name) {
    const made = this.#made.get(name)
    if (!made || !(name in this.#values)) return
    const value = this.#told.now(name, this.#values[name]), look = this.#looks[name]
    const spelled = JSON.stringify([value, look])
    if (this.#spelled.get(name) == spelled) return
    this.#spelled.set(name, spelled)
    made.show(value, look, name)
  }
}
