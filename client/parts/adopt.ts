import type { CSSResult, LitElement } from 'lit'

/** What each root was given beside its element's own styles, in order. */
const given = new WeakMap<ShadowRoot, Set<CSSResult>>()
const sheets = new WeakMap<Document, Map<CSSResult, CSSStyleSheet>>()

/** Adds styles that were loaded later; styles that are already there are not added again. */
export function adopt(root: ShadowRoot, style: CSSResult): void {
  given.set(root, (given.get(root) ?? new Set()).add(style))
  const sheet = sheetOf(style, root.ownerDocument)
  if (sheet && !root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
}

/** Gives an element all its styles again where a browser has taken them, as from one that moves into another document. */
export function adoptAgain(element: LitElement): void {
  const { ownerDocument } = element
  const renderRoot = element.renderRoot as ShadowRoot
  if (renderRoot.adoptedStyleSheets.length > 0) return
  const { elementStyles } = element.constructor as typeof LitElement
  const styles = [...(elementStyles as CSSResult[]), ...(given.get(renderRoot) ?? [])]
  renderRoot.adoptedStyleSheets = styles.flatMap((style) => sheetOf(style, ownerDocument) ?? [])
}

/** Documents cannot share a sheet that a script has made. undefined: the document is not shown anywhere. */
function sheetOf(style: CSSResult, of: Document): CSSStyleSheet | undefined {
  if (of === document) return style.styleSheet
  const known = sheets.get(of) ?? new Map<CSSResult, CSSStyleSheet>()
  const sheet = known.get(style) ?? (of.defaultView && new of.defaultView.CSSStyleSheet())
  if (!sheet) return
  if (!known.has(style)) sheet.replaceSync(style.cssText)
  sheets.set(of, known.set(style, sheet))
  return sheet
}
