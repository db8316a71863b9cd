import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import Koa from 'koa'
import type { Browser, Page } from 'playwright-core'
import { bundleCdn, integrityOf } from '../../cli/bundle.ts'
import { renderRun } from '../../client/prerender/index.ts'
import { type StepcastRouter, stepcastRouter } from '../../server/start.ts'
import { launchBrowser } from '../support/browser.ts'
import { type Fixture, useDatabase } from '../support/fixture.ts'
import { size } from '../support/size.ts'
import { bundleReactElements, bundleRecipe, RECIPES } from './embed-bundles.ts'

const POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'"
/** Another origin of the same server: a page takes the file from there. */
const elsewhere = () => url.replace('127.0.0.1', 'localhost')
/** With which React the elements are wrapped. */
const WRAPPED = size(['react-19'] as const, ['react-18', 'react-19'] as const)
const TYPES: Record<string, string> = { html: 'text/html', js: 'text/javascript' }

const db: Fixture = await useDatabase()
let browser: Browser
let router: StepcastRouter
let application: Server
let url: string
const files = new Map<string, string>()

before(async () => {
  const bundling = RECIPES.map(async (recipe) => {
    for (const [name, text] of await bundleRecipe(recipe)) files.set(`/${recipe}/${name}`, text)
  })
  bundling.push(
    ...WRAPPED.map(async (recipe) => {
      for (const [name, text] of await bundleReactElements(recipe)) files.set(`/wrapped-${recipe}/${name}`, text)
    }),
  )
  router = stepcastRouter({
    databaseUrl: db.url,
    prefix: '/stepcast',
    assets: join(import.meta.dirname, '../../dist'),
    authenticate: () => ({ id: 'reader', tenant: 'default' }),
  })
  const app = new Koa()
  app.use(router.routes())
  app.use((ctx) => {
    const text = files.get(ctx.path)
    if (text === undefined) return
    ctx.set({
      'Content-Security-Policy': policyOf(ctx.path),
      'Access-Control-Allow-Origin': '*',
    })
    ctx.type = TYPES[ctx.path.split('.').at(-1) ?? ''] ?? 'text/plain'
    ctx.body = text
  })
  application = createServer(app.callback()).listen(0, '127.0.0.1')
  await Promise.all([once(application, 'listening'), ...bundling])
  url = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
  browser = await launchBrowser()
})

after(async () => {
  await browser.close()
  await router.stop()
  application.closeAllConnections()
  application.close()
})

function policyOf(path: string): string {
  if (path.startsWith('/plain')) return `${POLICY}; require-trusted-types-for 'script'; trusted-types lit-html`
  if (path.startsWith('/cdn')) return `${POLICY}; script-src 'self' ${elsewhere()}`
  return path.startsWith('/drawn') ? `${POLICY}; style-src 'self' 'nonce-abc'` : POLICY
}

async function open(path: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
  await page.goto(`${url}${path}`)
  return { page, complaints }
}

test('each recipe shows the run of its key, live and to its end, under a strict policy', {
  timeout: 120_000,
}, async () => {
  const run = await db.value<string>(`select stepcast.open_run('import', '["load"]', key => '42')`)
  await db.value("select stepcast.begin_step($1, 'load')", [run])
  const opened = await Promise.all(RECIPES.map((recipe) => open(`/${recipe}/index.html`)))
  await Promise.all(opened.map(({ page }) => page.getByText('Load', { exact: true }).first().waitFor()))
  await db.value("select stepcast.report_step($1, 'load', 40)", [run])
  for (const [index, { page }] of opened.entries()) {
    await page.locator('stepcast-run').getByText('40%').first().waitFor()
    if (RECIPES[index] !== 'plain') await page.getByRole('heading', { name: '40 %' }).waitFor()
  }
  await db.value("select stepcast.complete_step($1, 'load')", [run])
  await db.value('select stepcast.finish_run($1)', [run])
  for (const [index, { page, complaints }] of opened.entries()) {
    await page.getByText('It has completed.').waitFor()
    await page.getByRole('button', { name: 'Logs' }).click()
    await page.getByRole('log').waitFor()
    assert.deepEqual(
      complaints.filter((text) => !text.includes('favicon')),
      [],
      RECIPES[index],
    )
    await page.close()
  }
})

for (const recipe of WRAPPED) {
  test(`the wrappers of ${recipe} set properties of every element and hear its events`, async () => {
    const run = await db.value<string>(`select stepcast.open_run('import', '["load"]', key => $1)`, [recipe])
    await db.value("select stepcast.begin_step($1, 'load')", [run])
    await db.value("select stepcast.complete_step($1, 'load')", [run])
    await db.value('select stepcast.finish_run($1)', [run])
    const { page, complaints } = await open(`/wrapped-${recipe}/index.html`)
    await page.getByText(/^\d counted$/).waitFor()
    await page.getByText('24 h', { exact: true }).click()
    await page.getByText('period 24h').waitFor()
    await page.locator(`[data-run="${run}"] a`).click()
    await page.locator('stepcast-run:state(completed)').waitFor()
    assert.ok(page.url().endsWith('/index.html'))
    await page.getByRole('searchbox').waitFor()
    const given = await page.evaluate(() =>
      [...document.querySelectorAll('stepcast-run, stepcast-stats')].map(
        (each) => typeof (each as unknown as { getToken: unknown }).getToken,
      ),
    )
    assert.deepEqual(given, ['function', 'function'])
    assert.deepEqual(
      complaints.filter((text) => !text.includes('favicon')),
      [],
    )
    await page.close()
  })
}

/** Pages with the file for a CDN, the hash that they name being right or not. */
async function writeCdnPages(): Promise<void> {
  const text = await bundleCdn()
  const script = (integrity: string) =>
    `<script type="module" crossorigin integrity="${integrity}" src="${elsewhere()}/cdn/stepcast.cdn.js"></script>`
  const second = '<script type="module" src="/stepcast/stepcast.js"></script>'
  const element = '<stepcast-run run-id="01890000-0000-7000-8000-000000000000" src="/stepcast">Wait.</stepcast-run>'
  const html = (head: string) => `<!doctype html><html lang="zh-CN"><meta charset="utf-8">${head}${element}`
  files.set('/cdn/stepcast.cdn.js', text)
  files.set('/cdn/right.html', html(script(integrityOf(text))))
  files.set('/cdn/twice.html', html(script(integrityOf(text)) + second))
  files.set('/cdn/wrong.html', html(script(integrityOf(`${text} `))))
}

test('the file for a CDN works from another origin by its hash, and needs no other file', async () => {
  await writeCdnPages()
  const { page, complaints } = await open('/cdn/right.html')
  await page.getByText('找不到这次运行').waitFor()
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
  assert.deepEqual(
    loaded.filter((name) => name.endsWith('.js')),
    [`${elsewhere()}/cdn/stepcast.cdn.js`],
  )
  assert.deepEqual(complaints, [])
  await page.close()
})

test('a file that is not what its hash says is not run, and what stands in the element stays to be read', async () => {
  await writeCdnPages()
  const { page, complaints } = await open('/cdn/wrong.html')
  assert.match(complaints.join(), /integrity/)
  assert.equal(await page.evaluate(() => customElements.get('stepcast-run')), undefined)
  assert.ok(await page.getByText('Wait.').isVisible())
  await page.close()
})

test('where two copies of Stepcast meet the first stays, and the console says so', async () => {
  await writeCdnPages()
  const { page, complaints } = await open('/cdn/twice.html')
  await page.getByText('找不到这次运行').waitFor()
  assert.deepEqual([...new Set(complaints)], ['Stepcast is loaded twice: the first stays'])
  await page.close()
})

/** A page whose server has drawn the run, as the application's would: by what the API answers. */
async function writeDrawnPage(key: string): Promise<string> {
  const run = await db.value<string>(`select stepcast.open_run('import', '["load", "index"]', key => $1)`, [key])
  await db.value("select stepcast.begin_step($1, 'load')", [run])
  await db.value(`select stepcast.report_step($1, 'load', 40, '<b>Table</b> "4"')`, [run])
  const details = await (await fetch(`${url}/stepcast/runs/${run}`)).json()
  const element = await renderRun(details, {
    src: '/stepcast',
    lang: 'zh-CN',
    nonce: 'abc',
    attributes: { 'with-logs': true },
  })
  const head = '<meta charset="utf-8"><title>Drawn</title><script type="module" src="/stepcast/stepcast.js"></script>'
  files.set(`/drawn/${key}.html`, `<!doctype html><html lang="en"><head>${head}</head><body>${element}</body></html>`)
  return run
}

test('a run that the server has drawn is seen without script', async () => {
  await writeDrawnPage('still')
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${url}/drawn/still.html`)
  for (const text of ['Load', 'Index', '20%', '<b>Table</b> "4"', '第 1 步，共 2 步'])
    assert.ok(await page.getByText(text).first().isVisible(), text)
  await context.close()
})

test('when script takes over nothing flashes and nothing jumps', async () => {
  const run = await writeDrawnPage('moving')
  const page = await browser.newPage()
  const asked = Promise.withResolvers<void>()
  const letThrough = Promise.withResolvers<void>()
  await page.route('**/stepcast/events*', async (route) => {
    asked.resolve()
    await letThrough.promise
    await route.continue()
  })
  await page.goto(`${url}/drawn/moving.html`)
  const places = () =>
    page.locator('stepcast-run').evaluate(({ shadowRoot }) =>
      [...(shadowRoot?.querySelectorAll('header, h2, .bar, .meta, .step, .note, footer') ?? [])].map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect()
        return `${element.className} ${Math.round(x)} ${Math.round(y)} ${Math.round(width)} ${Math.round(height)}`
      }),
    )
  const drawn = await places()
  assert.ok(drawn.length >= 7)
  await asked.promise
  await page.waitForFunction(() => customElements.get('stepcast-run') !== undefined)
  assert.deepEqual(await places(), drawn)
  letThrough.resolve()
  await page.getByText('实时').waitFor()
  assert.deepEqual(await places(), drawn)
  await db.value("select stepcast.complete_step($1, 'load')", [run])
  await page.locator('stepcast-run').getByText('50%').first().waitFor()
  assert.equal(await page.getByText('Load', { exact: true }).count(), 1)
  await page.close()
})
