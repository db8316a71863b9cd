import type { ListedRun, Run, WorkflowInfo } from '../../db/contract.ts'
import { localized } from '../languages.ts'
import type { Voice } from '../parts/shown.ts'
import type { RequestError } from '../problem.ts'
import type { ListView } from '../stream.ts'
import type { BulkState } from './bulk.ts'
import type { RunsFilter } from './filter.ts'
import type { Pages } from './pages.ts'
import type { Place } from './places.ts'
import type { RunsWords } from './words/words.ts'

/** Everything the parts of a list read. */
export interface ShownRuns extends Voice {
  own: RunsWords
  view: ListView | null
  /** Why nothing can be shown; null: there is no reason. */
  refusal: RequestError | null
  /** Address of the server's mount point. */
  src: string
  filter: RunsFilter
  /** The text given for the statuses if it contains no known status; '': it is valid. */
  unknown: string
  places: readonly Place[]
  /** How many new runs wait to be let in. */
  waiting: number
  /** The runs that were deleted recently. */
  deleted: readonly ListedRun[]
  isGrouped: boolean
  pages: Pages
  hasOlder: boolean
  /** The workflows that the filter offers. */
  workflows: readonly Pick<WorkflowInfo, 'name' | 'displayName' | 'displayNames'>[]
  withFilters: boolean
  withActions: boolean
  selected: ReadonlySet<string>
  bulk: BulkState
  hrefOf(run: ListedRun): string
}

/** What a reader can do with the list. */
export interface RunsDoings {
  /** `isTyped`: makes no entry of its own in the page's history. */
  filter(changes: Partial<RunsFilter>, isTyped?: boolean): void
  group(isGrouped: boolean): void
  letIn(): void
  older(): void
  readAgain(): void
  reconnect(): void
  open(event: MouseEvent, run: ListedRun): void
  select(run: string, isSelected: boolean): void
  selectAll(isSelected: boolean): void
  ask(type: 'cancel' | 'retry'): void
  go(): void
  dismiss(): void
}

export function titleOf(run: Run, language: string): string {
  return localized(run.displayNames, language, run.displayName)
}

/** Its display name, unless that has placeholders to be filled in from an input. */
export function workflowName(
  { name, displayName, displayNames }: ShownRuns['workflows'][number],
  language: string,
): string {
  const text = localized(displayNames, language, displayName)
  return text === '' || text.includes('{') ? name : text
}
