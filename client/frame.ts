/** Where no frames are drawn, what is new is drawn after so long all the same. */
const NO_FRAME_MS = 250

/**
 * Resolves with the next frame; at once in a page that is hidden, and soon in one that is drawn no more: put behind
 * another just now, or out of sight in a frame.
 */
export function nextFrame(): Promise<void> {
  if (document.hidden) return Promise.resolve()
  return new Promise((resolve) => {
    requestAnimationFrame(() => resolve())
    setTimeout(resolve, NO_FRAME_MS)
  })
}
