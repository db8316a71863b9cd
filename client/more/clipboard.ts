/** Copies it, on plain HTTP too, where browsers hide the clipboard; false: it could not be copied. */
export async function copy(text: string, root: ShadowRoot): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text, root)
  }
}

/**
 * In the element's own root, since under a dialog nothing else can be selected. What the browser answers is not to be
 * relied on.
 */
function copyBySelection(text: string, root: ShadowRoot): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  let done = false
  area.addEventListener('copy', () => {
    done = true
  })
  const focused = root.activeElement
  root.append(area)
  area.focus({ preventScroll: true })
  area.select()
  document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true })
  return done
}
