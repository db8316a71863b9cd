import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { bundleClient } from '../../cli/bundle.ts'
import { openPage, serveElements } from './element-page.ts'
import type { FakeServer } from './fake-server.ts'
import { aStep, patchEvent, RUN, rowEvent, snapshotEvent } from './samples.ts'
import { useServer } from './use-server.ts'

const ELEMENT = `<stepcast-run run-id="${RUN}" with-logs></stepcast-run>`
const { life } = await bundleClient()

let browser: Browser
let server: FakeServer
useServer(serveElements, (...both) => {
  ;[browser, server] = both
})

/** A page with these elements, while all that comes after the first drawing is held back, or these files of it. */
async function openHeld(elements = ELEMENT, files = life): Promise<{ page: Page; release: (lost?: boolean) => void }> {
  const { page } = await openPage(browser, server, '')
  const released = Promise.withResolvers<boolean>()
  const hold = (address: URL) => files.some((name) => address.pathname.endsWith(name))
  await page.route(hold, async (route) => ((await released.promise) ? route.abort() : route.continue()))
  await page.reload()
  await page.evaluate((html) => {
    const told: unknown[] = []
    const errors: unknown[] = []
    Object.assign(window, { told, errors })
    document.addEventListener('stepcast-change', (event) => told.push((event as CustomEvent).detail.run.progress))
    document.addEventListener('stepcast-error', (event) => errors.push((event as CustomEvent).detail.error.status))
    document.body.innerHTML = html
  }, elements)
  return { page, release: (lost = false) => released.resolve(lost) }
}

const told = (page: Page) => page.evaluate(() => Reflect.get(window, 'told') as number[])
const drawn = (page: Page, percent: string) => page.getByText(percent, { exact: true }).first().waitFor()

test('a run is drawn before what keeps it true has come, which goes on with the same answer', async () => {
  const { page, release } = await openHeld()
  const stream = await server.next()
  stream.send(snapshotEvent({ revision: 1, status: 'running', progress: 40 }, [aStep({ status: 'running' })]))
  stream.ready()
  await drawn(page, '40%')
  assert.deepEqual(await told(page), [])
  stream.send(patchEvent({ revision: 2, progress: 50 }))
  release()
  await drawn(page, '50%')
  await page.getByText('Live', { exact: true }).waitFor()
  stream.send(patchEvent({ revision: 3, progress: 60 }))
  await drawn(page, '60%')
  assert.equal(server.streams.length, 1)
  assert.equal((await told(page)).at(-1), 60)
})

test('what a reader asks for before it can be done is done then', async () => {
  const { page, release } = await openHeld()
  const stream = await server.next()
  stream.send(snapshotEvent({ revision: 1, status: 'running', progress: 40 }, [aStep({ status: 'running' })]))
  await page.getByRole('button', { name: 'Logs' }).click()
  release()
  await page.locator('[part~="logs"]').waitFor()
})

test('elements that enter a page together ask once, and each shows its own', async () => {
  const { page, release } = await openHeld(`${ELEMENT}${ELEMENT}<stepcast-run workflow="w" run-key="k"></stepcast-run>`)
  const stream = await server.next()
  assert.deepEqual(stream.runs, [{ run: RUN }, { workflow: 'w', key: 'k' }])
  stream.send(snapshotEvent({ revision: 1, status: 'running', progress: 40 }))
  const other = { id: RUN.replace(/.$/, 'f'), workflow: 'w', key: 'k', revision: 1 } as const
  stream.send(snapshotEvent({ ...other, status: 'running', progress: 30 }))
  await drawn(page, '30%')
  assert.equal(await page.getByText('40%', { exact: true }).count(), 2)
  release()
  stream.ready()
  await page.getByText('Live', { exact: true }).nth(2).waitFor()
  assert.equal(server.streams.length, 1)
})

test('where the page has a stream already, that one asks, and what was asked first is let go of at once', async () => {
  // The list has loaded all of it but what `<stepcast-run>` asks for by name.
  const { page, release } = await openHeld('<stepcast-runs></stepcast-runs>', life.slice(0, 1))
  const list = await server.next()
  list.ready()
  await page.evaluate((html) => document.body.insertAdjacentHTML('beforeend', html), ELEMENT)
  const look = await server.next()
  assert.deepEqual(look.runs, [{ run: RUN }])
  release()
  const both = await server.next()
  assert.equal(both.runs.length, 2)
  both.ready()
  // Nobody goes on with it: left alone it would end after ten seconds.
  const late = new Promise((_, reject) => setTimeout(reject, 5_000, new Error('It was not let go of')).unref())
  await Promise.race([Promise.all([look.closed, list.closed]), late])
})

const EARLY = [ELEMENT, '<stepcast-runs></stepcast-runs>'].flatMap((html) => [
  { html, lang: 'en' },
  { html, lang: 'zh-CN' },
])

for (const { html, lang } of EARLY)
  test(`what the page has set before there were elements is known to the first question: ${html} in ${lang}`, async () => {
    const { page } = await openPage(browser, server, '')
    await page.evaluate(
      ([html, lang]) => {
        document.documentElement.lang = lang
        const page = document.implementation.createHTMLDocument()
        page.body.innerHTML = html
        const early = page.body.firstChild as HTMLElement
        Object.assign(early, { getToken: () => 'early', workflow: 'early' })
        document.body.append(early)
      },
      [html, lang] as const,
    )
    const stream = await server.next()
    assert.equal(stream.token, 'Bearer early')
    if (html === ELEMENT) stream.send(snapshotEvent({ revision: 1, status: 'running', progress: 40 }))
    else assert.deepEqual(stream.runs, [{ workflow: 'early', limit: 50 }])
    stream.ready()
    await page.getByText(lang === 'en' ? 'Live' : '实时', { exact: true }).waitFor()
    assert.equal(server.streams.length, 1)
  })

test('what is set while the words of a list come is what it shows', async () => {
  const { page } = await openPage(browser, server, '')
  const asked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  await page.route(/zh-CN/, async (route) => {
    asked.resolve()
    await released.promise
    await route.continue()
  })
  await page.evaluate(() => {
    document.documentElement.lang = 'zh-CN'
    document.body.innerHTML = '<stepcast-runs></stepcast-runs>'
  })
  await asked.promise
  await page.evaluate(() => document.querySelector('stepcast-runs')?.setAttribute('workflow', 'late'))
  released.resolve()
  const wanted = async (): Promise<void> => {
    const { runs } = await server.next()
    if (!JSON.stringify(runs).includes('late')) await wanted()
  }
  await wanted()
})

test('a new token, once all has come, is asked with once', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  const first = await server.next()
  first.send(snapshotEvent({ revision: 1, status: 'running', progress: 40 }))
  first.ready()
  await page.getByText('Live', { exact: true }).waitFor()
  await page.evaluate(() => document.querySelector('stepcast-run')?.setAttribute('token', 'another'))
  const second = await server.next()
  assert.equal(second.token, 'Bearer another')
  second.ready()
  await first.closed
  assert.equal(server.streams.length, 2)
})

test('with a new token the run stays as it was until the server answers, and goes where that one may not see it', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  const first = await server.next()
  first.send(snapshotEvent({ revision: 1, status: 'running', progress: 3 }))
  first.ready()
  first.send(patchEvent({ revision: 2, progress: 80 }))
  await drawn(page, '80%')
  const renew = (token: string) =>
    page.evaluate((token) => document.querySelector('stepcast-run')?.setAttribute('token', token), token)
  await renew('second')
  await server.next()
  await page.locator('stepcast-run:state(connecting)').waitFor()
  assert.equal(await page.getByText('80%', { exact: true }).count(), 1)
  server.refusals.push({ status: 403 })
  await renew('third')
  await page.getByText('You may not see this run').waitFor()
  assert.equal(await page.locator('stepcast-run .state').count(), 0)
})

/** What a hook has returned, in order, each once. */
const HOOKS = `
  import { Activity, createElement, useState } from 'react'
  import { createRoot } from 'react-dom/client'
  import { useRun, useRuns } from './client/react/index.ts'

  const seen = []
  Object.assign(window, { seen })

  function Shown({ token }) {
    const { run, connection } = useRun({ run: '${RUN}' }, { token })
    const { runs } = useRuns({}, { token })
    const now = [run?.progress ?? null, runs.length, connection.state].join(' ')
    if (seen.at(-1) !== now) seen.push(now)
    return createElement('p', {}, now)
  }

  function App() {
    const [token, renew] = useState('first')
    const [mode, turn] = useState('visible')
    Object.assign(window, { renew, turn })
    return createElement(Activity, { mode }, createElement(Shown, { token }))
  }

  createRoot(document.querySelector('main')).render(createElement(App))`

test('with a new token, and in an <Activity> that is shown again, hooks return what they did until the server answers', async () => {
  const { outputFiles } = await build({
    stdin: { contents: HOOKS, resolveDir: resolve(import.meta.dirname, '../..') },
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: '/',
    write: false,
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  for (const { path, text } of outputFiles) server.files.set(path, { type: 'text/javascript', body: text })
  const { page } = await openPage(browser, server, '<script type="module" src="/stdin.js"></script>')
  const answer = async (progress: number) => {
    let stream = await server.next()
    // at first the list is asked for once its code is there
    while (stream.runs.length < 2) stream = await server.next()
    await page.getByText('connecting').waitFor()
    stream.send(snapshotEvent({ revision: 1, status: 'running', progress }))
    stream.send(rowEvent(1))
    stream.ready()
    await page.getByText(`${progress} 1 live`).waitFor()
    return stream
  }
  const call = (name: string, value: string) =>
    page.evaluate(([name, value]) => Reflect.get(window, name)(value), [name, value] as const)
  await answer(3)
  await call('renew', 'second')
  const second = await answer(4)
  await call('turn', 'hidden')
  await second.closed
  await call('turn', 'visible')
  await answer(5)
  const seen = await page.evaluate(() => Reflect.get(window, 'seen') as string[])
  assert.deepEqual(seen.slice(seen.indexOf('3 1 live')), [
    '3 1 live',
    '3 1 connecting',
    '4 1 live',
    '4 1 connecting',
    '5 1 live',
  ])
})

test('where the rest cannot be loaded, what was drawn stays, and reader and page are told that nothing more comes', async () => {
  const { page, release } = await openHeld()
  const stream = await server.next()
  stream.send(snapshotEvent({ revision: 1, status: 'running', progress: 40 }))
  await drawn(page, '40%')
  release(true)
  await page.getByText('Disconnected').waitFor()
  assert.deepEqual(await page.evaluate(() => Reflect.get(window, 'errors')), [null])
  await drawn(page, '40%')
})

test('a key may be a number', async () => {
  const { page } = await openPage(browser, server, '')
  await page.evaluate((html) => {
    document.body.innerHTML = `${html}<stepcast-run workflow="w"></stepcast-run>`
    Object.assign(document.body.lastChild as HTMLElement, { runKey: 42 })
  }, ELEMENT)
  const stream = await server.next()
  assert.deepEqual(stream.runs, [{ run: RUN }, { workflow: 'w', key: '42' }])
  const other = { id: RUN.replace(/.$/, 'f'), workflow: 'w', key: '42', revision: 1 } as const
  stream.send(snapshotEvent({ ...other, status: 'running', progress: 30 }))
  await drawn(page, '30%')
})
