import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser } from 'playwright-core'
import { openPage, serveElements } from './element-page.ts'
import type { FakeServer } from './fake-server.ts'
import { RUN } from './samples.ts'
import { useServer } from './use-server.ts'

const ELEMENT = `<stepcast-run run-id="${RUN}"></stepcast-run>`

let browser: Browser
let server: FakeServer
useServer(serveElements, (...both) => {
  ;[browser, server] = both
})

test('a refusal is final also where what reads its reason cannot be loaded', async () => {
  const path = [...server.files.keys()].find((each) => each.startsWith('/chunks/refusal-'))
  assert.ok(path && server.files.delete(path))
  server.refusals.push({ status: 403 })
  const { page } = await openPage(browser, server, ELEMENT)
  await page.getByText('You may not see this run').waitFor()
})

test('what is needed when the connection is lost is loaded while there is one', async () => {
  const { page } = await openPage(browser, server, '')
  const loaded = Promise.all([/polling-/, /refusal-/].map((name) => page.waitForResponse(name)))
  await page.evaluate((element) => {
    document.body.innerHTML = element
    document.querySelector('stepcast-run')?.addEventListener('stepcast-error', ({ detail }) => {
      document.title = String(detail.error.detail)
    })
  }, ELEMENT)
  const stream = await server.next()
  stream.ready()
  // and what they import themselves
  for (const response of await loaded) await page.evaluate((address) => import(address).then(() => {}), response.url())
  for (const path of [...server.files.keys()]) if (path.startsWith('/chunks/')) server.files.delete(path)
  server.refusals.push({ status: 403, detail: 'Not yours' })
  stream.cut()
  await page.waitForFunction(() => document.title === 'Not yours')
})
