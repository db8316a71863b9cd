import type { CSSResult } from 'lit'

/** Adds styles that were loaded later; styles that are already there are not added again. */
export function adopt(root: ShadowRoot, { styleSheet }: CSSResult): void {
  if (styleSheet && !root.adoptedStyleSheets.includes(styleSheet)) root.adoptedStyleSheets.push(styleSheet)
}
