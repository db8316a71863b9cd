import { html } from 'lit'

export interface Figure {
  /** Its id within the element. */
  id: string
  heading: string
  about: unknown
  chart: unknown
  /** Not given: the chart is itself a table. */
  table?: unknown
  asTable?: string
  wide?: boolean
}

/** A chart with its heading, and the same data as a table. */
export function figurePart({ id, heading, about, chart, table, asTable, wide = false }: Figure) {
  return html`
    <div role="group" class="card ${wide ? 'wide' : ''}" part="card" aria-labelledby=${id}>
      <h3 id=${id} part="heading">${heading}</h3>
      <p class="about">${about}</p>
      ${chart}
      ${
        table &&
        html`<details>
              <summary>${asTable}</summary>
              <div class="scroll" tabindex="0" role="region" aria-labelledby=${id}>${table}</div>
            </details>`
      }
    </div>
  `
}

/** A plain table; its first column names the rows. */
export function tablePart(caption: string, head: unknown[], rows: unknown[][]) {
  return html`
    <table part="table">
      <caption class="vh">${caption}</caption>
      <thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
      <tbody>
        ${rows.map(([name, ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}
      </tbody>
    </table>
  `
}
