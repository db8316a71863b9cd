/** The words of a list of runs, besides those of a run. Numbers are passed as formatted strings. */
export interface RunsWords {
  label: string
  run: string
  state: string
  now: string
  time: string
  search: string
  searchHint: string
  workflow: string
  allWorkflows: string
  group: string
  clear: string
  newRuns(count: number, written: string): string
  older: string
  loadingOlder: string
  noOlder: string
  asOf(time: string): string
  readAgain: string
  notOlder: string
  /** Replaces the state of a run that has left the list; `deleted`: of one that was deleted. */
  left: string
  deleted: string
  wasDeleted(run: string): string
  /** For more than one run. */
  wereDeleted(written: string): string
  parked(count: number, written: string): string
  nextTry(duration: string): string
  nextTrySoon: string
  noRuns: string
  noRunsHint: string
  noMatch: string
  noMatchHint: string
  unknownStatus(said: string): string
  knownStatuses(names: string): string
  forbidden: string
  forbiddenHint: string
  failed: string
  select(run: string): string
  selectAll: string
  selected(count: number, written: string): string
  unselect: string
  cancel(count: number, written: string): string
  retry(count: number, written: string): string
  cancelQuestion(count: number, written: string): string
  retryQuestion(count: number, written: string): string
  keep: string
  working(done: string, total: string): string
  cancelled(count: number, written: string): string
  retried(count: number, written: string): string
  notDone(count: number, written: string): string
  handedOver: string
  unreachable: string
  unreachableHint: string
  answered: string
  answeredHint(address: string, status: number): string
  tryAgain: string
  dismiss: string
  pollingHint: string
}
