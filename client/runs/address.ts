import { type RunsFilter, readFilter, unknownIn, writeFilter } from './filter.ts'

/** Which runs a list shows, and how. */
export interface Choice {
  filter: RunsFilter
  /** The text given for the statuses if it contains no known status; '': it is valid. */
  unknown: string
  isGrouped: boolean
}

const NAMES = ['workflow', 'status', 'key', 'q', 'group']

/** The choice of the attributes; what the address says takes precedence, even if it says that any will do. */
export function readAddress(asked: Choice): Choice {
  const query = new URLSearchParams([...new URLSearchParams(location.search), ...queryOf(asked)])
  const unknown = unknownIn(query.get('status') ?? '')
  return { filter: readFilter(query), unknown, isGrouped: query.get('group') === 'status' }
}

/**
 * `isTyped`: replaces the current history entry, so that Back does not go through every letter; all typing is one
 * entry.
 */
export function writeAddress(chosen: Choice, asked: Choice, isTyped: boolean): void {
  const query = new URLSearchParams(location.search)
  for (const name of NAMES) {
    const value = queryOf(chosen).get(name) ?? (queryOf(asked).has(name) ? '' : null)
    if (value === null) query.delete(name)
    else query.set(name, value)
  }
  const address = `${location.pathname}${query.size > 0 ? `?${query}` : ''}${location.hash}`
  try {
    if (isTyped) history.replaceState(history.state, '', address)
    else history.pushState(null, '', address)
  } catch {
    // A frame's document has no address of its own.
  }
}

function queryOf({ filter, unknown, isGrouped }: Choice): URLSearchParams {
  const query = writeFilter(filter)
  if (unknown !== '') query.set('status', unknown)
  if (isGrouped) query.set('group', 'status')
  return query
}
