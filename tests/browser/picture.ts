import assert from 'node:assert/strict'
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

/** All that one element of a page shows: but times while they pass, with what follows from them, and what was said aloud on the way here. A line each part. */
export function sketchOf(index: number): string {
  const copy = document.createElement('div')
  const shown = document.querySelectorAll('stepcast-run')[index]?.shadowRoot?.childNodes ?? []
  copy.append(...[...shown].map((node) => node.cloneNode(true)))
  for (const said of copy.querySelectorAll('[role=status], style')) said.remove()
  // in which order attributes came is history
  for (const element of copy.querySelectorAll('*')) {
    const attributes = [...element.attributes].sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const { name } of attributes) element.removeAttribute(name)
    for (const { name, value } of attributes) element.setAttribute(name, value)
  }
  const text = copy.innerHTML.replaceAll(/<!--.*?-->/g, '').replaceAll(/(\s|&nbsp;)+/g, ' ')
  const isOver = copy.querySelector('section')?.matches('.completed, .failed, .cancelled')
  // times while they pass, and whether it is late by now
  const timeless = isOver
    ? text
    : text
        .replaceAll(/(\d+(\.\d+)? (h|min|m|sec|s|ms)\b ?)+/g, '… ')
        .replaceAll('class="time late"', 'class="time "')
        .replaceAll('· longer than usual ', '')
        .replaceAll('taking longer than usual', 'about … left')
  return timeless.replaceAll('> <', '>\n<')
}

/** Resolves once the first element of a page shows just that. */
export async function waitForSketch(page: Page, expected: string): Promise<void> {
  // not with every frame: a page that is not seen draws none
  await page
    .waitForFunction(`(${sketchOf})(0) === ${JSON.stringify(expected)}`, undefined, { polling: 50 })
    .catch(async () => {
      assert.deepEqual((await page.evaluate(sketchOf, 0)).split('\n'), expected.split('\n'))
    })
}
