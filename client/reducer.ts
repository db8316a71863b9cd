import type { End, EndReason, LogBatch, LogLine, Patch, Run, Snapshot, Step } from '../db/contract.ts'

/** How many log lines are kept per run; older ones are dropped. */
export const KEPT_LINES = 5_000

/** Everything a watcher knows about one run. */
export interface RunState {
  /** null if nothing has arrived yet, or if there is no such run. */
  readonly run: Run | null
  /** In no particular order; `sequence` orders siblings. */
  readonly steps: readonly Step[]
  /** The epoch that the revisions belong to; null if known only from polling. */
  readonly epoch: string | null
  /** At most the last 5,000 lines, in ascending order. */
  readonly logs: readonly LogLine[]
  /** Why nothing more will arrive; null: more may arrive. */
  readonly ended: EndReason | null
}

/** One event of a stream. `epoch` and `id` null: it was polled, so it is newer than everything before it. */
export type RunEvent = { epoch: string | null; id: string | null } & (
  | { type: 'snapshot'; data: Snapshot }
  | { type: 'patch'; data: Patch }
  | { type: 'log'; data: LogBatch }
  | { type: 'end'; data: End }
)

export const NOTHING_KNOWN: RunState = { run: null, steps: [], epoch: null, logs: [], ended: null }

/** The state after an event; the same object if the event brings nothing new. */
export function reduce(state: RunState, event: RunEvent): RunState {
  if (event.type === 'snapshot') return applySnapshot(state, event.data, event.epoch)
  if (event.type === 'patch') return applyPatch(state, event.data, event.epoch)
  if (event.type === 'log') return applyLog(state, event.data, event.epoch)
  return applyEnd(state, event.data, event.epoch)
}

function applySnapshot(state: RunState, { run, steps }: Snapshot, epoch: string | null): RunState {
  if (isOlder(run, epoch, state)) return state
  const sameLog = run.id === state.run?.id && (epoch === null || epoch === state.epoch)
  return {
    run,
    steps,
    epoch: epoch ?? state.epoch,
    logs: sameLog ? state.logs : [],
    // A run that could not be seen, if only for a moment, is there again.
    ended: !isGone(state.ended) && isSameEnd(run, state.run) ? state.ended : null,
  }
}

/** Revisions fall when the epoch changes, and a polled response has none: a run can be older only within an epoch. */
function isOlder(run: Run, epoch: string | null, { run: known, epoch: knownEpoch, ended }: RunState): boolean {
  if (known === null || epoch === null || epoch !== knownEpoch) return false
  if (run.id === known.id) return run.revision < known.revision
  // When the newest run under a key is deleted, an older one becomes the newest.
  return !isGone(ended) && wasCreatedBefore(run, known)
}

/** Two streams overlap while one replaces the other: an older run of the same key may arrive last. */
function wasCreatedBefore(run: Run, known: Run): boolean {
  const difference = Date.parse(run.createdAt) - Date.parse(known.createdAt)
  return difference < 0 || (difference === 0 && run.id < known.id)
}

/** A reconnect to a finished run gets its snapshot again: that is no new end. */
export function isSameEnd(run: Run, known: Run | null): boolean {
  return run.id === known?.id && run.status === known.status && run.completedAt === known.completedAt
}

function applyPatch(state: RunState, patch: Patch, epoch: string | null): RunState {
  const { run } = state
  if (run === null || run.id !== patch.run.id || epoch !== state.epoch) return state
  if (patch.run.revision <= run.revision) return state
  return { ...state, run: { ...run, ...patch.run }, steps: mergeSteps(state.steps, patch.steps) }
}

function mergeSteps(known: readonly Step[], changed: readonly Step[]): readonly Step[] {
  if (changed.length === 0) return known
  const byId = new Map(known.map((step) => [step.id, step]))
  for (const step of changed) byId.set(step.id, step)
  return [...byId.values()]
}

function applyLog(state: RunState, { run, lines }: LogBatch, epoch: string | null): RunState {
  if (state.run?.id !== run.id || (epoch !== null && epoch !== state.epoch)) return state
  const logs = mergeLines(state.logs, lines)
  return logs === state.logs ? state : { ...state, logs }
}

function mergeLines(known: readonly LogLine[], incoming: readonly LogLine[]): readonly LogLine[] {
  const last = known.at(-1)?.line ?? 0
  const follows = incoming.every(({ line }, index) => line > (incoming[index - 1]?.line ?? last))
  if (follows) return incoming.length === 0 ? known : [...known, ...incoming].slice(-KEPT_LINES)
  const byNumber = new Map(known.map((line) => [line.line, line]))
  for (const line of incoming) if (!byNumber.has(line.line)) byNumber.set(line.line, line)
  if (byNumber.size === known.length) return known
  return [...byNumber.values()].sort((a, b) => a.line - b.line).slice(-KEPT_LINES)
}

function applyEnd(state: RunState, { run, reason }: End, epoch: string | null): RunState {
  // This concerns only lists.
  if (reason === 'left') return state
  const { run: known } = state
  if (known !== null && known.id !== run.id) return state
  if (known !== null && !isGone(reason) && epoch === state.epoch && run.revision < known.revision) return state
  if (state.ended === reason) return state
  return { ...state, ended: reason }
}

export function isGone(ended: EndReason | null): boolean {
  return ended === 'not-found' || ended === 'deleted'
}
