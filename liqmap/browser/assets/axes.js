// Readable ticks: prices on whole multiples of a tick, times on the clock.

const TIME_STEPS = [
  ...Array.from({length: 9}, (_, k) => [1, 2, 5].map(n => n * 10 ** k)).flat(),
  ...[1, 2, 5, 10, 15, 30].map(n => n * NS.s),
  ...[1, 2, 5, 10, 15, 30].map(n => n * NS.min),
  ...[1, 2, 3, 6, 12].map(n => n * NS.h),
  ...[1, 2, 5, 10, 20, 50].map(n => n * NS.d),
]

function multiples(low, high, step) {
  const first = Math.ceil(low / step - 1e-9), count = Math.max(0, Math.floor(high / step + 1e-9) - first + 1)
  return Array.from({length: count}, (_, k) => (first + k) * step)
}

function timeTicks([begin, end], width) {
  const least = (end - begin) / Math.max(width / 96, 1)
  const step = TIME_STEPS.find(s => s >= least) ?? TIME_STEPS.at(-1)
  let date = null
  return multiples(begin, end, step).map(at => {
    const moment = clock(at, step), day = moment.date != date
    date = moment.date
    return {at, label: step >= NS.d ? moment.date.slice(5) : step >= NS.min ? moment.time.slice(0, 5) : moment.time,
            date: day ? moment.date : ""}
  })
}

function priceTicks([low, high], height) {
  const least = (high - low) / tick / Math.max(height / 46, 1)
  const decade = 10 ** Math.floor(Math.log10(Math.max(least, 1)))
  const step = [1, 2, 5, 10].map(n => n * decade).find(s => s >= least)
  return multiples(low / tick, high / tick, step).map(ticks => ({at: ticks * tick, label: price(ticks * tick, places)}))
}
