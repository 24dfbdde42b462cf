// gzip, or base64 of it, -> bytes.

/** @param {string | ArrayBuffer} packed */
export async function unpack(packed) {
  const bytes = typeof packed == "string" ? bytesOf(packed) : packed
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** @param {string} base64 */
function bytesOf(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
