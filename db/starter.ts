import type { Announcer } from './announcer.ts'
import { callPrepared, retrying } from './call.ts'
import { NEWS } from './changes.ts'
import type { Db } from './client.ts'
import { BATCH, Flights } from './flights.ts'
import { type StartRunOptions, startRun } from './runs.ts'

/** Errors from the values of one start: they fail the whole batch, and nothing was written. */
const REFUSED = /^(SC|22|23)/

export interface Started {
  id: string
  /** False: the key already had it. */
  created: boolean
}

interface Waiting {
  options: StartRunOptions
  answer: PromiseWithResolvers<Started>
}

/** Starts runs for many callers at once; those without a key share transactions. */
export class Starter {
  readonly #db: Db
  readonly #announcer: Announcer
  readonly #flights = new Flights(ofOneWorkflow, (batch: Waiting[]) => this.#write(batch))

  /** `db` must not be a transaction: the announcer announces what is committed. */
  constructor(db: Db, announcer: Announcer) {
    this.#db = db
    this.#announcer = announcer
  }

  /** Resolves once the run is committed. Throws SC001, SC006, SC007. */
  start(options: StartRunOptions): Promise<Started> {
    if (options.key !== undefined) return this.#startAlone(options)
    const answer = Promise.withResolvers<Started>()
    this.#flights.add({ options, answer })
    return answer.promise
  }

  async #write(batch: Waiting[]): Promise<void> {
    const options = batch.map((waiting) => waiting.options)
    try {
      const runs = await retrying(() => startRuns(this.#db, options))
      for (const [index, id] of runs.entries()) {
        this.#announcer.announce(id, 1, NEWS.inserted)
        batch[index]?.answer.resolve({ id, created: true })
      }
    } catch (error) {
      // One start is at fault, and the others are written without it. Any other error may have come after the commit.
      const isRefused = REFUSED.test((error as { code?: string }).code ?? '')
      for (const { options, answer } of batch)
        if (isRefused && batch.length > 1) answer.resolve(this.#startAlone(options))
        else answer.reject(error)
    }
  }

  async #startAlone(options: StartRunOptions): Promise<Started> {
    const started = await startRun(this.#db, options, false)
    if (started.created) this.#announcer.announce(started.id, 1, NEWS.inserted)
    return started
  }
}

/** Chooses the starts of the workflow that has waited longest. */
function ofOneWorkflow(waiting: readonly Waiting[]): { batch: Waiting[]; rest: Waiting[] } {
  const batch: Waiting[] = []
  const rest: Waiting[] = []
  for (const one of waiting) {
    const fits = batch.length < BATCH && one.options.workflow === waiting[0]?.options.workflow
    ;(fits ? batch : rest).push(one)
  }
  return { batch, rest }
}

async function startRuns(db: Db, starts: StartRunOptions[]): Promise<string[]> {
  const [row] = await callPrepared<{ runs: string[] }>(db, 'start_runs', 'select stepcast.start_runs($1, $2) as runs', [
    starts[0]?.workflow,
    JSON.stringify(
      starts.map(({ tenant, actor, input, metadata, priority, runAt, trace }) => ({
        tenant,
        actor,
        input: input ?? {},
        metadata,
        priority,
        runAt,
        trace,
      })),
    ),
  ])
  return row?.runs ?? []
}
