/** Copies a text, on plain HTTP too, where browsers hide the clipboard API; false: it could not be copied. */
export async function copy(text: string, root: ShadowRoot): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text, root)
  }
}

/**
 * Uses the element's own root, since nothing outside an open dialog can be selected. The return value of `execCommand`
 * is not reliable.
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
