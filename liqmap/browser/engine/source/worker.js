// In the worker: holds a book, answers one message at a time (see worker_source.js).

import {unpack} from "../book/unpack.js"
import {Painter} from "./painter.js"

/** @typedef {{id: number, chart: number, kind: string, ask: any}} Message */

/** @param {any} scope of the worker */
function serve(scope) {
  /** One a chart, all of the same book. @type {Map<number, Painter>} */
  const painters = new Map()
  /** @type {Record<string, (painter: Painter, ask: any) => any>} */
  const answers = {
    data: painter => painter.data,
    frame: (painter, ask) => painter.frame(ask),
    cell: (painter, at) => painter.cell(at),
    grid: (painter, ask) => painter.grid(ask),
    drawn: painter => painter.drawn(),
    rested: painter => painter.rested(),
  }
  /** @type {Painter} */
  let first
  /** What is appended comes in its order, whatever takes how long to be unpacked. */
  let appended = Promise.resolve()
  /** @param {import("./painter.js").Appended} ask */
  const append = async ({data, header, sizes}) => {
    const bytes = unpack(data), before = appended
    /** @type {() => void} */
    let done
    appended = new Promise(resolve => { done = resolve })
    try {
      await before
      const come = first.append(await bytes, header)
      for (const painter of [first, ...painters.values()]) {
        painter.giveUp()
        painter.sizes = sizes ?? painter.sizes
      }
      return come
    } finally {
      done()
    }
  }
  /** @param {Message} message */
  const answered = async ({chart, kind, ask}) => {
    if (kind == "open") {
      first = await Painter.of(ask)
      return null
    }
    if (kind == "append") return append(ask)
    if (kind == "leave") return painters.delete(chart)
    if (!painters.has(chart)) painters.set(chart, painters.size ? first.beside() : first)
    return answers[kind](painters.get(chart), ask)
  }
  scope.onmessage = async ({data: message}) => {
    try {
      const answer = await answered(message)
      scope.postMessage({id: message.id, answer}, answer?.image ? [answer.image.pixels.buffer] : [])
    } catch (error) {
      scope.postMessage({id: message.id, error: String(error.stack ?? error)})
    }
  }
}

serve(self)
