/** The visible rows of steps, in order. */
function rowsIn(root: ParentNode): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>('li.step[id]:not([hidden])')]
}

/** Moves through the list as in a tree: up and down, in and out, first and last. */
export function walk(key: string, row: HTMLElement, root: ParentNode, focus: (row: HTMLElement) => void): void {
  const rows = rowsIn(root)
  const at = rows.indexOf(row)
  const isRightToLeft = row.matches(':dir(rtl)')
  const [into, outOf] = isRightToLeft ? ['ArrowLeft', 'ArrowRight'] : ['ArrowRight', 'ArrowLeft']
  const fold = row.querySelector<HTMLElement>(':scope > .name > .fold')
  const isOpen = fold?.getAttribute('aria-expanded') === 'true'
  if (fold && key === (isOpen ? outOf : into)) {
    fold.click()
    return
  }
  const parent = row.parentElement?.closest<HTMLElement>('li.step')
  const target = { ArrowDown: rows[at + 1], ArrowUp: rows[at - 1], Home: rows[0], End: rows.at(-1) }[key]
  const next = target ?? (key === into && isOpen ? rows[at + 1] : key === outOf ? parent : null)
  if (next) focus(next)
}
