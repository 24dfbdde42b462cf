// Two fingers: what lies between them follows them.

const fingers = new Map()

function spreadOf([one, other]) {
  return {middle: one.map((v, k) => (v + other[k]) / 2), apart: one.map((v, k) => Math.abs(v - other[k]))}
}

// Moves a finger; true while there are two of them, and the view follows.
function pinch(id, at) {
  if (fingers.size != 2) return false
  const before = spreadOf([...fingers.values()])
  fingers.set(id, at)
  const {middle, apart} = spreadOf([...fingers.values()])
  // An axis along which the fingers lie close together keeps its scale.
  const [x, y] = apart.map((v, k) => Math.min(v, before.apart[k]) < 40 ? 1 : before.apart[k] / v)
  zoom(x, y, ...before.middle, middle)
  return true
}
