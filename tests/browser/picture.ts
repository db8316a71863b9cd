import type { Page } from 'playwright-core'
import type { Fixture } from '../support/fixture.ts'

/** What a reader sees of a run: the bar's percent, and each step with its status, in order of the rows. */
export interface Picture {
  percent: number
  status: string
  steps: string[]
}

/** The picture as the rows have it. A pending step of a failed run is shown as not reached. */
export async function pictureOfRows(db: Fixture, run: string): Promise<Picture> {
  const [row] = await db.rows<Picture>(
    `select r.progress as percent, r.status, array(
       select s.step || ' ' || case when r.status = 'failed' and s.status = 'pending' then 'unreached' else s.status end
       from stepcast.steps s
       where s.run_id = r.id and s.parent_id is null
       order by s.sequence
     ) as steps
     from stepcast.runs r
     where r.id = $1`,
    [run],
  )
  return row as Picture
}

/** Resolves once the page shows just that. */
export async function waitForPicture(page: Page, expected: Picture): Promise<void> {
  await page.waitForFunction((wanted) => {
    const find = (root: ParentNode): Element | null => {
      for (const element of root.querySelectorAll('*')) {
        if (element.localName === 'stepcast-run') return element
        const inside: Element | null = element.shadowRoot && find(element.shadowRoot)
        if (inside) return inside
      }
      return null
    }
    const shown = find(document)?.shadowRoot
    if (!shown) return false
    const percent = Number(shown.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow'))
    const steps = [...shown.querySelectorAll('ol.steps > li[part=step]')].map((row) => {
      const name = row.querySelector('[part=step-name]')?.textContent?.trim().toLowerCase()
      return `${name} ${row.className.replace('step ', '').trim()}`
    })
    const status = shown.querySelector('section')?.className.split(' ').at(-1)
    return JSON.stringify({ percent, status, steps }) === JSON.stringify(wanted)
  }, expected)
}
