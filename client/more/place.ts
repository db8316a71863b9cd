import type { Step } from '../../db/contract.ts'

/** What the fragment of an address names: `step=push_template/push_files`, with `&attempt=2`, or `line=120`. */
export interface Place {
  /** Step names from the top down; null: none. */
  step: string[] | null
  attempt: number | null
  /** A line of the log. */
  line: number | null
}

/** null: it names nothing in a run. */
export function placeIn(hash: string): Place | null {
  const query = new URLSearchParams(hash.replace(/^#/, '').replaceAll('+', '%2B'))
  const step = query.get('step')?.split('/').map(decoded) ?? null
  const place = { step, attempt: numberIn(query.get('attempt')), line: numberIn(query.get('line')) }
  return place.step === null && place.line === null ? null : place
}

/** A link to a place in this page. If the page has a base URL, a bare fragment would lead to that instead. */
export function hrefOf(place: string): string {
  const [page] = location.href.split('#')
  return `${document.baseURI.split('#')[0] === page ? '' : page}#${place}`
}

export function hashOfStep(step: Step, steps: readonly Step[]): string {
  const known = hashes.get(step)
  if (known !== undefined) return known
  const parent = step.parentId === null ? undefined : steps.find(({ id }) => id === step.parentId)
  const name = encodeURIComponent(step.step).replaceAll('%', '%25')
  const hash = parent === undefined ? `step=${name}` : `${hashOfStep(parent, steps)}/${name}`
  hashes.set(step, hash)
  return hash
}

/** A step that changes becomes another object, so no entry goes stale. */
const hashes = new WeakMap<Step, string>()

/** The step preceded by its ancestors, top first; empty: there is no such step. */
export function findPath(names: string[], steps: readonly Step[]): Step[] {
  const path: Step[] = []
  for (const name of names) {
    const parent = path.at(-1)?.id ?? null
    const found = steps.find((each) => each.parentId === parent && each.step === name)
    if (!found) return []
    path.push(found)
  }
  return path
}

/** Names are escaped once more than the fragment, to tell a slash inside a name from the slash between two. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

function numberIn(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}
