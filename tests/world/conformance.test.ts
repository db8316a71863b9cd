import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, describe, test } from 'node:test'
import { EventSource } from 'eventsource'
import { createParser } from 'eventsource-parser'
import { type Connection, connect } from '../../client/connection.ts'
import { fetchAs } from '../../client/credentials.ts'
import { TIMINGS } from '../../client/timings.ts'
import { openBench } from '../server/bench.ts'
import { launchBrowser } from '../support/browser.ts'
import { startCuttingProxy } from '../support/cutting-proxy.ts'
import { startProgram } from '../support/process.ts'
import { findCurl } from '../support/programs.ts'
import { finish, type Heard, openStrangeRun, STRANGE, textsIn } from './strange.ts'

const NAMES = ['snapshot', 'patch', 'log', 'end'] as const
/** Of a log line, in characters. */
const LONGEST = 20_000

const bench = await openBench()
after(() => bench[Symbol.asyncDispose]())
const whole = (run: string) => `${bench.url}/runs/${run}/events?logs=1`

const strange = await openStrangeRun(bench)
await finish(bench, strange)
const answer = await fetch(whole(strange), { headers: { 'accept-encoding': 'gzip, br' } })
const bytes = Buffer.from(await answer.arrayBuffer())

/** What eventsource-parser makes of a stream that comes in these parts. */
function parse(parts: Buffer[]): Heard[] {
  const heard: Heard[] = []
  const parser = createParser({ onEvent: ({ event = '', id = '', data }) => heard.push({ name: event, id, data }) })
  const decoder = new TextDecoder()
  for (const part of parts) parser.feed(decoder.decode(part, { stream: true }))
  return heard
}

test('the head says that nobody may keep, compress or buffer it', () => {
  assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  assert.equal(answer.headers.get('cache-control'), 'no-store, no-transform')
  assert.equal(answer.headers.get('x-accel-buffering'), 'no')
  assert.equal(answer.headers.get('content-encoding'), null)
})

test('the bytes are the grammar’s, in its strictest form', () => {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  assert.doesNotMatch(text, /[\r\0]|^\u{feff}/u)
  assert.ok(text.endsWith('\n\n'))
  const place = /^id: [^\s\0]+-\d+\nevent: (snapshot|patch|log|end)\ndata: [^\n]+$/
  for (const block of text.slice(0, -2).split('\n\n')) {
    if (block.startsWith(':')) assert.match(block, /^: (ready|beat)$/)
    else if (block.startsWith('retry')) assert.match(block, /^retry: [1-9]\d{2,4}$/)
    else assert.match(block, place)
  }
  assert.deepEqual(
    parse([bytes]).map(({ name }) => name),
    ['snapshot', 'log', 'end'],
  )
  assert.deepEqual(textsIn(parse([bytes])), STRANGE)
})

test('cut in two at any byte it is the same stream to eventsource-parser', () => {
  const expected = parse([bytes])
  for (let at = 0; at <= bytes.length; at++)
    assert.deepEqual(parse([bytes.subarray(0, at), bytes.subarray(at)]), expected)
})

test('cut in two at any byte it is the same stream to our own client', async () => {
  const expected = await hear([bytes])
  assert.equal(expected.length, 3)
  for (let at = 0; at <= bytes.length; at += 3) {
    assert.deepEqual(await hear([bytes.subarray(0, at), bytes.subarray(at)]), expected)
  }
})

/** What our client makes of the server's bytes in these parts. */
function hear(parts: Buffer[]): Promise<object[]> {
  const { promise, resolve } = Promise.withResolvers<object[]>()
  const heard: object[] = []
  const body = new ReadableStream({
    start: (controller) => {
      for (const part of parts) controller.enqueue(part)
      controller.close()
    },
  })
  const answer = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  const fetch = fetchAs(answer, null, null)
  const request = { src: '', token: null, fetch, runs: [], logs: true, timings: TIMINGS }
  const _: Connection = connect(request, {
    onEvent: (event) => heard.push(event),
    onReady: () => {},
    onSilent: () => {},
    onEnd: () => resolve(heard),
  })
  return promise
}

describe('clients that know nothing of us', { concurrency: true, timeout: 30_000 }, () => {
  test('eventsource: every byte alone; after a cut it waits as told, and goes on where it was', async () => {
    await using proxy = await startCuttingProxy(bench.url)
    const run = await openStrangeRun(bench)
    const source = new EventSource(`${proxy.url}/runs/${run}/events?logs=1`)
    const heard: Heard[] = []
    for (const name of NAMES) {
      source.addEventListener(name, ({ data, lastEventId }) => heard.push({ name, data, id: lastEventId }))
    }
    source.onmessage = () => assert.fail('an event without a name')
    await until(source, () => textsIn(heard).length === STRANGE.length)
    assert.deepEqual(textsIn(heard), STRANGE)
    const id = heard.at(-1)?.id
    const cutAt = Date.now()
    proxy.cut()
    await bench.sql("select stepcast.log_line($1, 'load', 'info', 'after the cut')", run)
    await until(source, () => textsIn(heard).includes('after the cut'))
    const { head, at } = proxy.requests[1] as (typeof proxy.requests)[number]
    assert.match(head, new RegExp(`last-event-id: ${id}`, 'i'))
    assert.ok(at - cutAt >= 990, `${at - cutAt} ms`)
    assert.deepEqual(textsIn(heard), [...STRANGE, 'after the cut'])
    assert.equal(heard.filter(({ name }) => name === 'snapshot').length, 1)
    source.close()
  })

  test('curl -N: every line as it comes; the longest word; and from a place on', async () => {
    const word = 'x'.repeat(LONGEST)
    const run = await openStrangeRun(bench, ['small', word])
    const curl = await findCurl()
    await using watching = startProgram(curl, ['-sN', whole(run)])
    await watching.says(/: ready\n/)
    assert.deepEqual(textsIn(parse([Buffer.from(watching.output())])), ['small', word])
    const id = parse([Buffer.from(watching.output())]).at(-1)?.id
    await bench.sql("select stepcast.log_line($1, 'load', 'info', 'later')", run)
    await watching.says(/"later"/)
    await finish(bench, run)
    assert.equal(await watching.ended, 0)
    await using resuming = startProgram(curl, ['-sN', '-H', `Last-Event-ID: ${id}`, whole(run)])
    await resuming.ended
    assert.match(resuming.output(), /event: end/)
  })

  test('a browser’s own EventSource: every byte alone, and on from a cut', async () => {
    await using proxy = await startCuttingProxy(bench.url)
    await using browser = await launchBrowser()
    const run = await openStrangeRun(bench)
    // What is evaluated from here is not the page's own, which its policy would refuse.
    const page = await browser.newPage({ bypassCSP: true })
    await page.goto(`${proxy.url}/livez`)
    await page.evaluate(watchIn, { url: `/runs/${run}/events?logs=1`, names: [...NAMES] })
    const hears = (name: string, text = '') =>
      page.waitForFunction(
        ([name, text]) =>
          (Reflect.get(window, 'heard') as Heard[]).some((event) => event.name === name && event.data.includes(text)),
        [name, text] as const,
      )
    const heard = () => page.evaluate(() => Reflect.get(window, 'heard') as Heard[])
    await hears('log')
    const before = await heard()
    assert.deepEqual(textsIn(before), STRANGE)
    proxy.cut()
    await bench.sql("select stepcast.log_line($1, 'load', 'info', 'after the cut')", run)
    await hears('log', 'after the cut')
    assert.deepEqual(textsIn(await heard()), [...STRANGE, 'after the cut'])
    assert.ok(proxy.requests.some(({ head }) => head.toLowerCase().includes(`last-event-id: ${before.at(-1)?.id}`)))
    await finish(bench, run)
    await hears('end')
  })
})

/** Runs in the page. */
function watchIn({ url, names }: { url: string; names: string[] }): void {
  const heard: object[] = []
  Object.assign(window, { heard })
  const source = new EventSource(url)
  for (const name of names) {
    source.addEventListener(name, (event) => {
      const { data, lastEventId } = event as MessageEvent<string>
      heard.push({ name, data, id: lastEventId })
      // The server ends the stream with the run; this client would come again.
      if (name === 'end') source.close()
    })
  }
}

async function until(source: EventSource, holds: () => boolean): Promise<void> {
  while (!holds()) await Promise.race([...NAMES].map((name) => once(source, name)))
}
