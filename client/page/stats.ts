import { html, nothing } from 'lit'
// the code of the charts loads with the page, not when the element requests it
import '../stats/body.ts'
import { StepcastStats } from '../stats/stepcast-stats.ts'
import { base } from './place.ts'
import { getToken } from './session.ts'
import { open, Page } from './shell.ts'

/**
 * How long runs and steps take, how they end, and where the running ones are; the address holds the period and the
 * workflow.
 */
class StatsPage extends Page {
  readonly #query = new URLSearchParams(location.search)

  protected get here() {
    return 'statistics' as const
  }

  protected get heading() {
    return this.words.statistics
  }

  protected content() {
    const query = this.#query
    return html`
      <stepcast-stats
        src=${base}
        .getToken=${getToken}
        with-workflows
        workflow=${query.get('workflow') ?? nothing}
        period=${query.get('period') ?? nothing}
        @stepcast-period-change=${({ detail }: CustomEvent<{ period: string }>) => this.#keep('period', detail.period)}
        @stepcast-workflow-change=${({ detail }: CustomEvent<{ workflow: string | null }>) => this.#keep('workflow', detail.workflow)}
      ></stepcast-stats>
    `
  }

  #keep(name: string, value: string | null): void {
    if (value === null) this.#query.delete(name)
    else this.#query.set(name, value)
    const query = this.#query.size > 0 ? `?${this.#query}` : ''
    history.replaceState(history.state, '', `${location.pathname}${query}`)
  }
}

customElements.define('stepcast-stats', StepcastStats)
await open('stats-page', StatsPage)
