const DOWN = new Set(['ArrowDown', 'j'])
const UP = new Set(['ArrowUp', 'k'])

/**
 * The keys of a list while the focus is in it: arrows or j and k move from run to run, Home and End to the first and
 * the last; Enter opens a run (it is a link), x selects it; `/` moves to the search; Escape clears the search or leaves
 * the question. They have no effect in what a page has put into a slot, nor while an input method composes a word: the
 * keys are its own then. `leave` returns whether there was anything to leave.
 */
export function onKey(event: KeyboardEvent, root: DocumentFragment | HTMLElement, leave: () => boolean): void {
  const target = event.target as HTMLElement
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !root.contains(target)) return
  if (event.key === 'Escape') {
    // a dialog around the list stays open
    if (!leave()) return
    event.preventDefault()
    event.stopPropagation()
    return
  }
  if (target.matches('input:not([type=checkbox]), select')) {
    if (event.key === 'ArrowDown' && target.id === 'search') move(event, root, 0)
    return
  }
  const row = target.closest('.row')
  const links = linksIn(root)
  const at = row === null ? -1 : links.findIndex((link) => row.contains(link))
  if (DOWN.has(event.key)) move(event, root, at + 1)
  else if (UP.has(event.key)) move(event, root, at < 0 ? links.length - 1 : at - 1)
  else if (event.key === '/') take(event, root.querySelector<HTMLElement>('#search'))
  else if (event.key === 'Home' && at >= 0) move(event, root, 0)
  else if (event.key === 'End' && at >= 0) move(event, root, links.length - 1)
  else if (event.key === 'x' && row) row.querySelector<HTMLElement>('input')?.click()
}

function linksIn(root: DocumentFragment | HTMLElement): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>('.row a')]
}

function move(event: KeyboardEvent, root: DocumentFragment | HTMLElement, to: number): void {
  const links = linksIn(root)
  take(event, links[Math.min(Math.max(0, to), links.length - 1)] ?? null)
}

function take(event: KeyboardEvent, element: HTMLElement | null): void {
  if (element === null) return
  event.preventDefault()
  element.focus()
}
