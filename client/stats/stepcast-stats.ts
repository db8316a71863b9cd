import { html, LitElement } from 'lit'
import { css } from '../css.ts'
import { emit } from '../events.ts'
import { languageOf } from '../languages.ts'
import { missingPart } from '../parts/missing.ts'
import { unreachable } from '../problem.ts'
import type { GetToken } from '../stream.ts'
import { theme } from '../theme.ts'
import { loadWords, wordsFor } from '../words/pick.ts'
import type { StatsBody } from './body.ts'
import type { Period } from './period.ts'

/**
 * Statistics of finished runs: success rate, percentiles, trend, histogram, the slowest steps and those that fail most,
 * and which step the running runs are in. Its code is loaded when the first one enters a page.
 *
 * @tagname stepcast-stats
 * @attr {string} workflow - The workflow to show. Default: all workflows together.
 * @attr {'24h' | '7d' | '30d' | 'all'} period - The period to show: `24h`, `7d`, `30d` or `all`. Default `7d`; the
 *   user's choice is reflected.
 * @attr {string} src - Address of the Stepcast server's mount point. Default: the origin's root.
 * @attr {string} token - Sent as a bearer token. Default: none.
 * @attr {boolean} with-workflows - Whether the user can choose the workflow. Default false.
 * @fires {CustomEvent<{ period: Period }>} stepcast-period-change - The user has chosen another period.
 * @fires {CustomEvent<{ workflow: string | null }>} stepcast-workflow-change - The user has chosen another workflow;
 *   null: all.
 * @fires {CustomEvent<{ stats: Stats }>} stepcast-stats - The element shows new numbers.
 * @fires {CustomEvent<{ error: RequestError }>} stepcast-error - The server refused, or the element itself cannot be
 *   loaded.
 * @slot - Shown until the element is loaded.
 * @csspart title - The workflow and the period of the numbers.
 * @csspart tile - One number with its name.
 * @csspart card - One chart with its heading.
 * @csspart heading - Heading of a card.
 * @csspart chart - The drawing of a card.
 * @csspart table - The numbers of a card.
 * @csspart button - Any button.
 * @csspart notice - Shown in place of the charts: nothing yet, no access, an error.
 * @cssprop [--stepcast-chart-height=120px] - Height of the column charts.
 */
export class StepcastStats extends LitElement {
  static override properties = {
    workflow: {},
    period: { reflect: true },
    src: {},
    token: {},
    getToken: { attribute: false },
    withWorkflows: { type: Boolean, attribute: 'with-workflows' },
  }
  static override styles = [theme, css`:host { min-block-size: 320px }`]

  declare workflow: string | null
  declare period: Period
  declare src: string
  declare token: string | null
  /** Called for a token if there is none, and for a new one when that is no longer accepted. Default: none. */
  declare getToken: GetToken | null
  declare withWorkflows: boolean

  #body: StatsBody | null = null
  #missing: unknown

  constructor() {
    super()
    this.workflow = this.token = this.getToken = null
    this.period = '7d'
    this.src = ''
    this.withWorkflows = false
  }

  protected override async firstUpdated(): Promise<void> {
    try {
      const { StatsBody } = await import('./body.ts')
      this.#body = new StatsBody(this)
    } catch (error) {
      emit(this, 'stepcast-error', { error: unreachable(error) })
      const wanted = languageOf(this)
      await loadWords(wanted)
      this.#missing = missingPart(wordsFor(wanted))
    }
    this.requestUpdate()
  }

  protected override render(): unknown {
    return this.#body?.render() ?? this.#missing ?? html`<slot></slot>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'stepcast-stats': StepcastStats
  }
}
