/** If no frames are drawn, changes are drawn after this time nevertheless. */
const NO_FRAME_MS = 250

/**
 * Resolves with the next frame; at once in a hidden page, and soon in one that is no longer drawn, such as one that was
 * just put behind another, or is out of sight in a frame.
 */
export function nextFrame(): Promise<void> {
  if (document.hidden) return Promise.resolve()
  return new Promise((resolve) => {
    requestAnimationFrame(() => resolve())
    setTimeout(resolve, NO_FRAME_MS)
  })
}
