// The smallest size shown: stops between the sizes of the colours, anew for each aggregate.

const DECADE = [1, 1.5, 2, 3, 5, 7]
let sizesOf = null

function fitSizes() {
  if (sizesOf != choice.agg) {
    const {high} = picture.scale, low = Math.max(picture.scale.low, high / 1e4)  // a linear scale may begin at 0
    const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high))
    const all = Array.from({length: last - first + 1}, (_, k) => DECADE.map(n => Number((n * 10 ** (first + k)).toPrecision(2)))).flat()
    stops.minSize = [0, ...all.filter(size => size > low && size < high)]
    sizesOf = choice.agg
  }
  if (!stops.minSize.includes(choice.minSize)) stops.minSize = [...stops.minSize, choice.minSize].sort((a, b) => a - b)
  at("min-size").max = stops.minSize.length - 1
  const words = choice.minSize ? `${short(choice.minSize)} ${meta.units.size}${perWords(picture.steps[1])}` : "any"
  setRange("min-size", stops.minSize.indexOf(choice.minSize), words)
}
