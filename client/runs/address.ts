import { ANY, type RunsFilter, readFilter, writeFilter } from './filter.ts'

/** Typing is one place in the page's history, however many letters. */
interface InAddress {
  filter: RunsFilter
  isGrouped: boolean
}

export function readAddress(): InAddress {
  const query = new URLSearchParams(location.search)
  return { filter: readFilter(query), isGrouped: query.get('group') === 'status' }
}

/** `isTyped`: it takes the place of what is there, so that Back does not go through every letter. */
export function writeAddress({ filter, isGrouped }: InAddress, isTyped: boolean): void {
  const query = writeFilter(filter, new URLSearchParams(location.search))
  if (isGrouped) query.set('group', 'status')
  else query.delete('group')
  const address = `${location.pathname}${query.size > 0 ? `?${query}` : ''}${location.hash}`
  if (isTyped) history.replaceState(history.state, '', address)
  else history.pushState(null, '', address)
}

/** What attributes ask for; the address, where it says something, is stronger. */
export function mergeAddress(attributes: RunsFilter, { filter }: InAddress): RunsFilter {
  return {
    workflow: filter.workflow || attributes.workflow,
    statuses: filter.statuses.length > 0 ? filter.statuses : attributes.statuses,
    key: filter.key || attributes.key,
    q: filter.q || attributes.q,
  }
}

export const NOWHERE: InAddress = { filter: ANY, isGrouped: false }
