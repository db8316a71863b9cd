/** Focuses what usually cannot have the focus, only as long as it has it: else each click in it would give it the focus. */
export function holdFocus(element: HTMLElement | null, options?: FocusOptions): void {
  if (element === null) return
  element.tabIndex = -1
  element.addEventListener('blur', () => element.removeAttribute('tabindex'), { once: true })
  element.focus(options)
}
