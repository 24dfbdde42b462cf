// In the worker: holds a book, answers one message at a time (see worker_source.js).

import {Painter} from "./painter.js"

/** @typedef {{id: number, kind: string, ask: any}} Message */

/** @param {any} scope of the worker */
function serve(scope) {
  /** @type {Painter} */
  let painter
  /** @type {Record<string, (ask: any) => any>} */
  const answers = {
    async open(contents) {
      painter = await Painter.of(contents)
      return painter.data
    },
    frame: ask => painter.frame(ask),
    cell: at => painter.cell(at),
    grid: ask => painter.grid(ask),
    drawn: () => painter.drawn(),
    rested: () => painter.rested(),
  }
  scope.onmessage = async ({data: {id, kind, ask}}) => {
    try {
      const answer = await answers[kind](ask)
      scope.postMessage({id, answer}, answer?.image ? [answer.image.pixels.buffer] : [])
    } catch (error) {
      scope.postMessage({id, error: String(error.stack ?? error)})
    }
  }
}

serve(self)
