import { html } from 'lit'
import { base } from './place.ts'
import { getToken } from './session.ts'
import { open, Page } from './shell.ts'

/** What runs and steps take, and how they end. */
class StatsPage extends Page {
  protected get here() {
    return 'statistics' as const
  }

  protected get heading() {
    return this.words.statistics
  }

  protected content() {
    if (customElements.get('stepcast-stats') === undefined)
      return html`<p class="card blank soft">${this.words.statsLater}</p>`
    return html`<stepcast-stats src=${base} .getToken=${getToken}></stepcast-stats>`
  }
}

await open('stats-page', StatsPage)
