import type { Change } from '../../db/changes.ts'
import type { EndReason } from '../../db/contract.ts'
import { publicBody } from '../access/redact.ts'
import { endEvent, event, isFinal } from './sse.ts'

export interface FrameOptions {
  /** The revision that the watchers have, with all log lines up to it; null: nothing. */
  since: number | null
  /** They already know that the run has ended, and are not told again. */
  wasFinal: boolean
  /** The last log line that they have; null: no lines were requested. */
  after: number | null
}

/**
 * One change of one run as bytes. Each form is made once, and the same bytes are written to everyone who watches the
 * run in that form with the same rights.
 */
export class Frame {
  readonly revision: number
  /** Its log lines follow this one; null: it was read for nobody who wants lines. */
  readonly after: number | null
  /** The last log line that a watcher has after this frame; 0: it was read for nobody who wants lines. */
  readonly line: number
  /** Nothing more follows for the run, unless it is retried. */
  readonly final: boolean
  /** There may be more log lines of this revision, which the next read brings. */
  readonly isCut: boolean
  /** False: it was read only for lists. */
  readonly hasSteps: boolean
  /** False: it was read for no list. */
  readonly hasRow: boolean
  /** The revision at which a client that is cut off within it resumes; 0: it starts over. */
  readonly before: number
  readonly #change: Change
  readonly #end: string
  #row: Buffer | undefined
  #plain: Buffer | undefined
  #withLogs: Buffer | undefined
  #public: Frame | undefined

  constructor(change: Change, { since, wasFinal, after }: FrameOptions) {
    const { revision, status, line, isCut, kind, body, row } = change
    this.revision = revision
    this.after = after
    this.line = after === null ? 0 : line
    this.final = isFinal(status)
    this.isCut = isCut
    this.hasSteps = kind === 'none' || body !== null
    this.hasRow = kind === 'none' || row !== null
    this.#change = change
    // No earlier revision leads to a snapshot.
    this.before = kind === 'snapshot' ? 0 : (since ?? 0)
    this.#end = this.final && !wasFinal ? this.#endText() : ''
  }

  /** False for a final frame: the others were told before, and any watcher that was not is told by `end`. */
  get saysEnd(): boolean {
    return this.#end !== ''
  }

  /** False: it was read for nobody who wants log lines. */
  get hasLines(): boolean {
    return this.after !== null
  }

  get full(): Frame {
    return this
  }

  /** The frame for watchers without `run:debug`: made when the first of them needs it, and usually the same. */
  get public(): Frame {
    this.#public ??= this.#withoutDebug()
    return this.#public
  }

  /** Only the run, for a list. */
  get row(): Buffer {
    const { row, revision } = this.#change
    this.#row ??= Buffer.from(this.#body(row, revision))
    return this.#row
  }

  get plain(): Buffer {
    const { body, revision } = this.#change
    this.#plain ??= Buffer.from(this.#body(body, revision) + this.#end)
    return this.#plain
  }

  /**
   * With the new log lines. An event that does not complete this revision carries the id of the place before it, so
   * that a connection that is cut after it resumes there. The body does so too; the end is kept back until the last
   * line.
   */
  get withLogs(): Buffer {
    const { before } = this
    const { body, lines, revision } = this.#change
    if (lines === null) return this.plain
    const log = event('log', lines, this.#id(this.isCut ? before : revision))
    this.#withLogs ??= Buffer.from(this.#body(body, before) + log + (this.isCut ? '' : this.#end))
    return this.#withLogs
  }

  /** Only the end: for watchers that it was kept back for, or that have joined since the others were told. */
  get end(): Buffer {
    return Buffer.from(this.#endText())
  }

  #withoutDebug(): Frame {
    const change = this.#change
    const [body, row] = [change.body, change.row].map((text) => text && publicBody(text)) as [
      string | null,
      string | null,
    ]
    if (body === change.body && row === change.row) return this
    return new Frame(
      { ...change, body, row },
      {
        since: this.before,
        wasFinal: this.final && !this.saysEnd,
        after: this.after,
      },
    )
  }

  #endText(): string {
    const { run, revision, status } = this.#change
    return endEvent({ run: { id: run, revision, status }, reason: status as EndReason }, this.#id(revision))
  }

  #body(text: string | null, revision: number): string {
    return text === null ? '' : event(this.#change.kind, text, this.#id(revision))
  }

  #id(revision: number): string {
    return `${this.#change.epoch}-${revision}`
  }
}
