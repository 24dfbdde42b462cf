// Work ahead, a few ms at a time, when there is nothing to draw: so that no answer waits long for it.

const SLICE = 10, IDLE = 80
const ahead = new Map()
let running = false

// Do the work of a generator function some time, the last asked first. Work of a name that waits already is kept, or
// given up for the new.
function whenIdle(name, work, anew = false) {
  if (anew) ahead.delete(name)
  if (!ahead.has(name)) ahead.set(name, work())
  if (running) return
  running = true
  setTimeout(slice, IDLE)
}

function slice() {
  const until = performance.now() + SLICE
  while (ahead.size && performance.now() < until) {
    const [name, work] = [...ahead].at(-1)
    if (work.next().done) ahead.delete(name)
  }
  running = ahead.size > 0
  if (running) setTimeout(slice)
}

function finish(work) {
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value
}
