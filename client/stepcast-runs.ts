import type { PropertyValues } from 'lit'
import { LateElement } from './late-element.ts'
import { missingPart } from './parts/missing.ts'
import type { RunsList } from './runs/list.ts'
import type { GetToken } from './stream.ts'
import { theme } from './theme.ts'
import { VoiceController } from './voice.ts'

/**
 * A live list of runs, newest first. What it is made of is loaded when the first one is in a page.
 *
 * @tagname stepcast-runs
 * @attr {string} lang - Language of the texts. Default: that of the place where it stands.
 * @fires {CustomEvent<StepcastEvents['stepcast-open']>} stepcast-open - Cancelable: the reader wants to see a run.
 * @fires {CustomEvent<StepcastEvents['stepcast-filter']>} stepcast-filter - The reader has changed what is shown.
 * @fires {CustomEvent<StepcastEvents['stepcast-error']>} stepcast-error - The server refused, for good.
 * @fires {CustomEvent<StepcastEvents['stepcast-cancel-request']>} stepcast-cancel-request - Cancelable: of each run
 *   that the reader wants cancelled.
 * @fires {CustomEvent<StepcastEvents['stepcast-retry-request']>} stepcast-retry-request - Cancelable: of each run that
 *   the reader wants retried.
 * @slot empty - What can be done where there is no run yet.
 * @csspart list - All of it.
 * @csspart filters - Search and filters.
 * @csspart card - The rows with their head.
 * @csspart new - The button that lets new runs in.
 * @csspart connection - How it hears of the runs: live, reconnecting, polling.
 * @csspart row - A run; also `row-` and its status.
 * @csspart link - Its name, which leads to it.
 * @csspart bar - A track of progress.
 * @csspart bar-fill - What of it is done.
 * @csspart icon - A status as a mark; also `icon-` and the status.
 * @csspart deleted - Which runs were deleted just now.
 * @csspart bulk - What can be done with the selected runs, and what became of it.
 * @csspart notice - Shown where there is no row.
 */
export class StepcastRuns extends LateElement {
  static override properties = {
    workflow: {},
    status: {},
    runKey: { attribute: 'run-key' },
    q: {},
    limit: { type: Number },
    groupBy: { attribute: 'group-by' },
    href: {},
    src: {},
    token: {},
    getToken: { attribute: false },
    share: {},
    withFilters: { type: Boolean, attribute: 'with-filters' },
    withActions: { type: Boolean, attribute: 'with-actions' },
    withAddress: { type: Boolean, attribute: 'with-address' },
  }
  static override styles = theme

  /** Only runs of this workflow. Default: of any. */
  declare workflow: string | null
  /** Only runs in one of these: names with spaces or commas between them; where none is one, that is told. Default: in any. */
  declare status: string | null
  /** Only runs under this key. Default: under any, or none. */
  declare runKey: string | null
  /** Only runs whose id, key or workflow's name begins so. Default: all. */
  declare q: string | null
  /** How many are shown at first, from 1 to 200. Default 50. */
  declare limit: number
  /** `status`: in groups by state. Default: one list. */
  declare groupBy: string | null
  /**
   * Where a run is shown; `:id`, `:workflow` and `:key` stand for its own. Default: the dashboard's `/runs/:id/view`
   * below `src`.
   */
  declare href: string | null
  /** Address of the Stepcast server's mount point. Default: the origin's root. */
  declare src: string
  /** Sent as a bearer token. Default: none. */
  declare token: string | null
  /** Asked for a token where there is none, and for a new one when it is not accepted any more. Default: none. */
  declare getToken: GetToken | null
  /**
   * Who watches: tabs that say the same share one connection. Empty: the token says it. Default: each tab has its own.
   */
  declare share: string | null
  /** Whether the reader can search and filter, beginning with what `workflow` and the like say. Default false. */
  declare withFilters: boolean
  /** Whether the reader can select runs, and cancel and retry them. Default false. */
  declare withActions: boolean
  /** Whether the filters stand in the page's address, so that they can be sent and Back works. Default false. */
  declare withAddress: boolean

  readonly #voice = new VoiceController(this)
  #list: RunsList | null = null

  constructor() {
    super()
    this.workflow = this.status = this.runKey = this.q = this.groupBy = this.href = this.token = null
    this.getToken = this.share = null
    this.limit = 50
    this.src = ''
    this.withFilters = this.withActions = this.withAddress = false
  }

  /** Puts the focus into the search. */
  focusSearch(): void {
    this.renderRoot.querySelector<HTMLElement>('#search')?.focus()
  }

  protected override async prepare(): Promise<void> {
    // Where it cannot be had, it is tried again when something else is wanted.
    this.#list ??= await import('./runs/list.ts').then(
      ({ RunsList }) => new RunsList(this, this.#voice),
      () => null,
    )
    while (this.#voice.lacksWords || this.#list?.lacksWords) {
      await Promise.all([this.#voice.loadWords(), this.#list?.loadWords()])
    }
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.#list?.look(changed)
  }

  protected override render(): unknown {
    return this.#list?.render() ?? missingPart(this.#voice.now)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'stepcast-runs': StepcastRuns
  }
}
