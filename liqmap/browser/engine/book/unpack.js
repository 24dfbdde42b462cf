// base64 of gzip -> bytes.

/** @param {string} base64 */
export async function unpack(base64) {
  const text = atob(base64)
  const packed = new Uint8Array(text.length)
  for (let i = 0; i < packed.length; i++) packed[i] = text.charCodeAt(i)
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
