import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { startNginx } from '../support/nginx.ts'
import { findNginx } from '../support/programs.ts'
import { makeBed } from './bed.ts'
import { pictureOfRows, waitForPicture } from './picture.ts'

const bed = await makeBed()
const target = bed.server.url
const nginx = await startNginx({ plain: { target }, secure: { target, tls: true } })
after(() => nginx[Symbol.asyncDispose]())

describe(`the page of a run through nginx, with its defaults (${await findNginx()})`, {
  concurrency: true,
  timeout: 120_000,
}, () => {
  for (const [name, protocol, address] of [
    ['HTTP/1.1', 'http/1.1', nginx.urls.plain],
    ['HTTP/2', 'h2', nginx.urls.secure],
  ] as const) {
    test(`${name}: live from half way to the end, also after a reload`, async () => {
      const run = await bed.halfWay()
      const context = await bed.browser.newContext({ ignoreHTTPSErrors: true })
      const page = await context.newPage()
      await page.goto(`${address}/runs/${run}/view`)
      await waitForPicture(page, await pictureOfRows(bed.db, run))
      await bed.report(run, 80, 'Land ahead')
      await page.getByText('Land ahead').waitFor()
      await page.reload()
      await page.getByText('Land ahead').waitFor()
      await bed.report(run, 90, 'Ashore')
      await page.getByText('Ashore').waitFor()
      assert.equal(await page.locator('stepcast-run:state(live)').count(), 1)
      await bed.arrive(run)
      await waitForPicture(page, await pictureOfRows(bed.db, run))
      const used = await page.evaluate(() =>
        performance.getEntriesByType('resource').map((entry) => (entry as PerformanceResourceTiming).nextHopProtocol),
      )
      assert.deepEqual(new Set(used.filter(Boolean)), new Set([protocol]))
      await context.close()
    })
  }
})
