import type { PropertyValues } from 'lit'
import { LateElement } from './late-element.ts'
import { missingPart } from './parts/missing.ts'
import type { RunsList } from './runs/list.ts'
import type { GetToken } from './stream.ts'
import { theme } from './theme.ts'
import { VoiceController } from './voice.ts'

/**
 * A live list of runs, newest first. Its code is loaded when the first one enters a page.
 *
 * @tagname stepcast-runs
 * @attr {string} lang - BCP 47 tag of the language. Default: the language of what surrounds it.
 * @fires {CustomEvent<StepcastEvents['stepcast-open']>} stepcast-open - Cancelable: the user wants to see a run.
 * @fires {CustomEvent<StepcastEvents['stepcast-filter']>} stepcast-filter - The user has changed what is shown.
 * @fires {CustomEvent<StepcastEvents['stepcast-error']>} stepcast-error - The server refused for good.
 * @fires {CustomEvent<StepcastEvents['stepcast-cancel-request']>} stepcast-cancel-request - Cancelable: dispatched for
 *   each run that the user wants to cancel.
 * @fires {CustomEvent<StepcastEvents['stepcast-retry-request']>} stepcast-retry-request - Cancelable: dispatched for
 *   each run that the user wants to retry.
 * @slot empty - What the user can do when there is no run yet.
 * @csspart list - The whole element.
 * @csspart filters - Search and filters.
 * @csspart card - The rows with their header.
 * @csspart new - The button that lets new runs in.
 * @csspart connection - The state of the connection: live, reconnecting, polling.
 * @csspart row - A run; also `row-` and its status.
 * @csspart link - The run's name, which links to it.
 * @csspart bar - A progress bar.
 * @csspart bar-fill - Its filled part.
 * @csspart icon - A status icon; also `icon-` and the status.
 * @csspart deleted - Which runs have just been deleted.
 * @csspart bulk - Actions for the selected runs, and their outcome.
 * @csspart notice - Shown when there is no row.
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

  /** Only runs of this workflow. Default: any workflow. */
  declare workflow: string | null
  /**
   * Only runs in one of these statuses, separated by spaces or commas; if none of them exists, the list says so.
   * Default: any status.
   */
  declare status: string | null
  /** Only runs under this key. Default: any key, or none. */
  declare runKey: string | null
  /** Only runs whose id, key or workflow's name begins with this. Default: all runs. */
  declare q: string | null
  /** How many runs are shown at first, from 1 to 200. Default 50. */
  declare limit: number
  /** `status`: the list is grouped by status. Default: one list. */
  declare groupBy: string | null
  /**
   * URL of the page that shows a run; `:id`, `:workflow` and `:key` stand for the run's own. Default: the dashboard's
   * `/runs/:id/view` below `src`.
   */
  declare href: string | null
  /** Address of the Stepcast server's mount point. Default: the origin's root. */
  declare src: string
  /** Sent as a bearer token. Default: none. */
  declare token: string | null
  /** Called for a token if there is none, and for a new one when that is no longer accepted. Default: none. */
  declare getToken: GetToken | null
  /**
   * Identifies the user: tabs with the same value share one connection. Empty: the token identifies the user. Default:
   * each tab has its own connection.
   */
  declare share: string | null
  /** Whether the user can search and filter, starting from the filter attributes. Default false. */
  declare withFilters: boolean
  /** Whether the user can select runs, and cancel and retry them. Default false. */
  declare withActions: boolean
  /** Whether the filters are kept in the page's URL, so that it can be shared and Back works. Default false. */
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

  /** Moves the focus to the search field. */
  focusSearch(): void {
    this.renderRoot.querySelector<HTMLElement>('#search')?.focus()
  }

  protected override async prepare(): Promise<void> {
    // If this cannot be loaded, it is tried again when something else is wanted.
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
