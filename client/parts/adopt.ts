import type { CSSResult } from 'lit'

/** Adds the styles of what was loaded later; those that are there already are not added again. */
export function adopt(root: ShadowRoot, { styleSheet }: CSSResult): void {
  if (styleSheet && !root.adoptedStyleSheets.includes(styleSheet)) root.adoptedStyleSheets.push(styleSheet)
}
