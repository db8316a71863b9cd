import type { Localized } from '../db/contract.ts'

/** The tag that suits a reader of `wanted` best; undefined: none is of that language. */
export function bestMatch<Tag extends string>(wanted: string, tags: readonly Tag[]): Tag | undefined {
  const reader = expand(wanted)
  const scored = tags.map((tag) => ({ tag, score: score(reader, expand(tag)) }))
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a), { tag: undefined as Tag | undefined, score: 0 })
  return best.tag
}

/** The text for a reader of `wanted`; else `fallback`, else the first one. */
export function localized(texts: Localized | null, wanted: string, fallback: string | null = null): string {
  if (typeof texts === 'string') return texts
  const tags = Object.keys(texts ?? {})
  return texts?.[bestMatch(wanted, tags) ?? ''] ?? fallback ?? texts?.[tags[0] ?? ''] ?? ''
}

/** The language of an element: its own `lang`, that of the nearest ancestor, the document's, or the browser's. */
export function languageOf(element: Element): string {
  for (let at: Element | null = element; at !== null; at = hostOf(at)) {
    const lang = at.closest('[lang]')?.getAttribute('lang')
    if (lang) return lang
  }
  return navigator.language
}

/** Notifies the observer, until it is disconnected, when a `lang` is set on the element or on any of its ancestors. */
export function observeLanguage(element: Element, observer: MutationObserver): void {
  for (let at: Element | null = element; at !== null; at = hostOf(at))
    observer.observe(at.getRootNode(), { subtree: true, attributeFilter: ['lang'] })
}

/** The parent of an element in the tree as it is drawn. */
export function parentOf(element: Element): Element | null {
  return element.assignedSlot ?? element.parentElement ?? hostOf(element)
}

function hostOf(element: Element): Element | null {
  const root = element.getRootNode()
  return root instanceof ShadowRoot ? root.host : null
}

/** `zh` → zh-Hans-CN, so that zh, zh-CN and zh-Hans match. undefined: not a language tag. */
function expand(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag.replaceAll('_', '-')).maximize()
  } catch {
    return undefined
  }
}

function score(wanted: Intl.Locale | undefined, given: Intl.Locale | undefined): number {
  if (wanted === undefined || given === undefined || wanted.language !== given.language) return 0
  return 1 + (wanted.script === given.script ? 2 : 0) + (wanted.region === given.region ? 1 : 0)
}
