import { advanceRuns, failAttempt } from '../../db/engine.ts'
import { flushReports } from '../../db/reports.ts'
import { startRun } from '../../db/runs.ts'
import { workflow } from '../../worker/workflow.ts'
import type { Fixture } from '../support/fixture.ts'
import { SHAPE } from './engine-model.ts'

/** Long enough that no wait ends unless a test says so. */
const retry = (attempts: number) => ({ attempts, delay: '1h' as const, maxDelay: '1h' as const, jitter: 0 })

/** The workflow that engine-model.ts describes. */
export const shaped = (name: string, onFailure: 'cancel-siblings' | 'finish-siblings') =>
  workflow(name, { onFailure })
    .step('a', { needs: [] }, () => {})
    .step('b', { needs: ['a'] }, () => {})
    .step('c', { needs: ['a'], retry: retry(3) }, () => {})
    .step('d', { needs: ['b', 'c'], whenSkipped: 'skip' }, () => {})
    .step('e', { needs: [], retry: retry(2) }, () => {})
    .step('f', { needs: ['b'] }, () => {})

/** A run of it in the database, and what may be done to it; each answers with what the model would: a word or a code. */
export class RealRun {
  readonly id: string
  readonly #db: Fixture
  readonly #worker: number
  #lease = 0

  constructor(db: Fixture, worker: number, id: string) {
    this.#db = db
    this.#worker = worker
    this.id = id
  }

  static async start(db: Fixture, worker: number, name: string): Promise<RealRun> {
    const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: name, input: {} })
    return new RealRun(db, worker, id)
  }

  async claim(): Promise<string> {
    const move = { run: this.id, lease: null, ending: null, settles: true }
    const [answer] = await advanceRuns(this.#db.pool, this.#worker, [move], true)
    if (answer?.outcome === 'locked') return this.claim()
    if (answer?.outcome === 'done') this.#lease = answer.lease
    return String(answer?.outcome)
  }

  async look(): Promise<string> {
    return this.#move(null)
  }

  async end(name: string, status: 'completed' | 'skipped'): Promise<string> {
    return this.#move({ ...(await this.#step(name)), status, output: null, reason: null })
  }

  async fail(name: string, retryable: boolean): Promise<string> {
    const { id, attempt } = await this.#step(name)
    const failure = { message: 'no', stack: null }
    const said = { worker: this.#worker, run: this.id, lease: this.#lease, failure }
    return word(failAttempt(this.#db.pool, { ...said, step: id, attempt, retryable }))
  }

  async report(name: string, progress: number): Promise<string> {
    const { id } = await this.#step(name)
    const nothing = { message: null, messages: null, metadata: null }
    await flushReports(this.#db.pool, [{ run: this.id, lease: this.#lease, step: id, progress, ...nothing }], [])
    return 'done'
  }

  async timePasses(): Promise<string> {
    // Round the rules, which would take it for somebody's write.
    await this.#db.pool.query(
      `begin;
       set local session_replication_role = replica;
       update stepcast.steps set next_attempt_at = clock_timestamp() where run_id = '${this.id}' and next_attempt_at is not null;
       commit`,
    )
    return 'done'
  }

  operate(name: string, status: string): Promise<string> {
    return word(
      this.#db.rows('update stepcast.steps set status = $3 where run_id = $1 and step = $2', [this.id, name, status]),
    )
  }

  cancel(): Promise<string> {
    return word(this.#db.rows('select stepcast.cancel_run($1)', [this.id]))
  }

  retry(from: string | null): Promise<string> {
    return word(this.#db.rows('select stepcast.retry_run($1, $2)', [this.id, from]))
  }

  async lose(): Promise<string> {
    await this.#db.rows(
      'select stepcast.hand_over_run(r.id, w, false) from stepcast.runs r join stepcast.workers w on w.id = r.worker where r.id = $1',
      [this.id],
    )
    return 'done'
  }

  /** Status, whether a worker has it, and each step's status and attempt: as the model has them. */
  async state(): Promise<object> {
    const [row] = await this.#db.rows<{ status: string; driven: boolean; steps: object }>(
      `select r.status, r.worker is not null as driven,
         (select jsonb_object_agg(s.step, jsonb_build_array(s.status, s.attempt)) from stepcast.steps s where s.run_id = r.id) as steps
       from stepcast.runs r
       where r.id = $1`,
      [this.id],
    )
    return row as object
  }

  async #move(
    ending: { id: number; attempt: number; status: 'completed' | 'skipped'; output: null; reason: null } | null,
  ) {
    const move = { run: this.id, lease: this.#lease, ending, settles: true }
    const [answer] = await advanceRuns(this.#db.pool, this.#worker, [move], true)
    return String(answer?.outcome)
  }

  async #step(name: string): Promise<{ id: number; attempt: number }> {
    const [row] = await this.#db.rows<{ id: string; attempt: number }>(
      'select id, attempt from stepcast.steps where run_id = $1 and step = $2',
      [this.id, name],
    )
    return { id: Number(row?.id), attempt: row?.attempt ?? 0 }
  }
}

export const STEPS = Object.keys(SHAPE)

/** `done`, or the code of the error: of Stepcast, of a deadlock, or what it is. */
async function word(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  )
}
