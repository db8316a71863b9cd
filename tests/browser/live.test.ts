import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { retryRun } from '../../db/runs.ts'
import { SECRET, sign } from '../server/tokens.ts'
import { size } from '../support/size.ts'
import { finished, waitForRow } from '../support/wait.ts'
import { isInState, makeBed, showsHalfWay, showsTheSame, type Watching, watchElements, watchRun } from './bed.ts'
import { waitForSketch } from './picture.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
/** Waits that take long are shortened by the page's clock, but for `npm run test:long`. */
const isLong = size(false, true)
const how = isLong ? '' : ' (by a page’s clock that is put forward)'

const bed = await makeBed()

/** Lets a page's time pass until it holds: a second at once, but no faster than its requests come through. */
async function passTime(page: Page, holds: () => boolean): Promise<void> {
  while (!holds()) {
    if (isLong) await sleep(SECOND)
    else
      await page.clock
        .runFor(SECOND)
        .then(() => page.evaluate(() => fetch('/icon.svg').then((answer) => answer.text())))
  }
}

/** Seconds that the step's time says, and that it has run by the database's clock. */
async function elapsed(page: Page, run: string): Promise<{ shown: number; real: number }> {
  const text = await page.locator('[part=step][aria-current=step] > [part=step-time]').first().textContent()
  const real = `select extract(epoch from clock_timestamp() - started_at)::float from stepcast.steps
    where run_id = $1 and step = 'travel'`
  return { shown: Number.parseFloat(String(text)), real: await bed.db.value<number>(real, [run]) }
}

/**
 * Nothing comes through any more. A browser that is put offline keeps the lines that it has, and lets through what is asked just
 * before it knows: those end at the gateway.
 */
async function loseNetwork({ context, gateway }: Watching): Promise<void> {
  gateway.mood = 'answers 502'
  gateway.deaden()
  await context.setOffline(true)
}

async function regainNetwork({ context, gateway }: Watching): Promise<void> {
  gateway.mood = 'passes'
  await context.setOffline(false)
}

async function isRight(page: Page, run: string): Promise<void> {
  const { shown, real } = await elapsed(page, run)
  assert.ok(shown >= 0 && Math.abs(shown - real) < MINUTE / 2, `${shown} s are shown, ${real} s have passed`)
}

describe('a page shows the same after it as without', { concurrency: 3, timeout: size(120, 600) * SECOND }, () => {
  test('reloaded at 50 %', async () => {
    const run = await bed.halfWay()
    await using watching = await watchRun(bed, run)
    const { page, gateway } = watching
    await showsHalfWay(bed, watching, run)
    await page.reload()
    await gateway.until(() => gateway.opened === 2 && gateway.streams.size === 1)
    await bed.report(run, 80, 'Land ahead')
    await showsTheSame(bed, page, run, 'Land ahead')
  })

  const slow = ['ten minutes slow', -10 * MINUTE] as const
  for (const [name, skew] of size([slow], [slow, ['ten minutes fast', 10 * MINUTE]] as const)) {
    test(`its clock is ${name}: elapsed times are right, and never negative`, async () => {
      const run = await bed.halfWay()
      await using watching = await watchRun(bed, run)
      const { page } = watching
      await page.clock.install({ time: Date.now() + skew })
      await showsHalfWay(bed, watching, run)
      await isRight(page, run)
      await bed.report(run, 80, 'Land ahead')
      await page.getByText('Land ahead').waitFor()
      await isRight(page, run)
      await showsTheSame(bed, page, run, 'Land ahead')
    })
  }

  test('asleep: its clock stood still and is set when it wakes, its line is dead', async () => {
    const run = await bed.halfWay()
    await using watching = await watchRun(bed, run)
    const { page, gateway } = watching
    await page.clock.install()
    await showsHalfWay(bed, watching, run)
    await page.clock.pauseAt(Date.now() + 5 * SECOND)
    gateway.deaden()
    await bed.report(run, 80, 'Land ahead')
    await bed.undisturbed(run, 'Land ahead')
    await page.clock.setSystemTime(Date.now() + 60 * MINUTE)
    await page.clock.resume()
    // as a browser says it when the lid is opened
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await page.getByText('Land ahead').waitFor()
    assert.equal(gateway.opened, 2)
    await isRight(page, run)
    await showsTheSame(bed, page, run, 'Land ahead')
  })

  test('the server is restarted during a retry', async () => {
    const run = await bed.halfWay()
    const server = await bed.serve()
    await using watching = await watchRun(bed, run, 'with-actions')
    const { page, gateway } = watching
    gateway.target = server.url
    await page.goto(watching.address)
    await bed.db.rows("insert into gates values ($1, 'fail 1')", [run])
    await page.getByRole('button', { name: 'Retry', exact: true }).click()
    await waitForRow(
      bed.db.url,
      `select from stepcast.steps where run_id = $1 and step = 'sail' and progress = 50 and status = 'running' and attempt = 2`,
      [run],
    )
    await server.stop()
    await isInState(page, 'reconnecting')
    await using second = await bed.serve()
    await bed.report(run, 80, 'Land ahead')
    gateway.target = second.url
    await page.getByText('Land ahead').waitFor()
    await bed.arrive(run)
    await page.locator('stepcast-run').evaluate((element) => element.removeAttribute('with-actions'))
    await waitForSketch(page, await bed.undisturbedAtTheEnd(run))
  })

  test(`502 for 20 seconds${how}`, async () => {
    const run = await bed.halfWay()
    await using watching = await watchRun(bed, run)
    const { page, gateway } = watching
    if (!isLong) await page.clock.install()
    await showsHalfWay(bed, watching, run)
    gateway.mood = 'answers 502'
    gateway.cut()
    await isInState(page, 'reconnecting')
    let seconds = 0
    await passTime(page, () => seconds++ === 20)
    await page.getByText('No connection since').waitFor()
    assert.ok(gateway.opened > 3 && gateway.opened < 20, `it has asked ${gateway.opened} times`)
    await bed.report(run, 80, 'Land ahead')
    gateway.mood = 'passes'
    await passTime(page, () => gateway.streams.size === 1)
    await showsTheSame(bed, page, run, 'Land ahead')
  })

  test(`a proxy buffers: it polls and says so, and comes back to the stream when it can${how}`, async () => {
    const run = await bed.halfWay()
    await using watching = await watchRun(bed, run)
    const { page, gateway, address } = watching
    if (!isLong) await page.clock.install()
    gateway.mood = 'buffers streams'
    await page.goto(address)
    await gateway.until(() => gateway.opened === 1)
    await passTime(page, () => gateway.asked.includes(`GET /runs/${run}`))
    await isInState(page, 'polling')
    await page.getByText('Half way').waitFor()
    await page.locator('[part=connection]', { hasText: 'Polling' }).waitFor()
    await bed.report(run, 80, 'Land ahead')
    await page.getByText('Land ahead').waitFor()
    gateway.mood = 'passes'
    const opened = gateway.opened
    await passTime(page, () => gateway.opened > opened)
    await isInState(page, 'live')
    const polls = () => gateway.asked.filter((each) => each === `GET /runs/${run}`).length
    let seconds = 0
    // what was asked just before has come by then
    await passTime(page, () => seconds++ === 1)
    const before = polls()
    await passTime(page, () => seconds++ === 7)
    assert.equal(polls(), before)
    await showsTheSame(bed, page, run, 'Land ahead')
  })

  test('the network is lost and comes back', async () => {
    const run = await bed.halfWay()
    await using watching = await watchRun(bed, run)
    const { page } = watching
    await showsHalfWay(bed, watching, run)
    await loseNetwork(watching)
    await isInState(page, 'reconnecting')
    await bed.report(run, 80, 'Land ahead')
    await regainNetwork(watching)
    await showsTheSame(bed, page, run, 'Land ahead')
  })

  test('the network fails while it asks to cancel: the question stays and says so, and goes through when the reader asks again', async () => {
    const run = await bed.halfWay()
    await using watching = await watchRun(bed, run, 'with-actions')
    const { page, address } = watching
    await page.goto(address)
    await page.getByRole('button', { name: 'Cancel', exact: true }).click()
    const sure = page.getByRole('button', { name: 'Cancel run' })
    const said = page.locator('[part=question]').getByRole('alert')
    await sure.waitFor()
    await loseNetwork(watching)
    await sure.click()
    await said.waitFor()
    await isInState(page, 'reconnecting')
    await regainNetwork(watching)
    await isInState(page, 'live')
    // it has not asked again by itself
    await said.waitFor()
    assert.equal(await bed.db.value('select status from stepcast.runs where id = $1', [run]), 'running')
    await sure.click()
    assert.equal((await finished(bed.db.url, run)).status, 'cancelled')
    await page.locator('stepcast-run:state(cancelled)').waitFor()
    assert.equal(await page.locator('[part=question]').count(), 0)
  })

  test('its token ends in the midst of it, and it gets another', async () => {
    await using server = await bed.serve({ jwt: { secret: SECRET } })
    const run = await bed.halfWay()
    await using watching = await watchElements(bed, '', server.url)
    const { page, gateway, address } = watching
    const tokens: string[] = []
    await page.exposeFunction('giveToken', async () => {
      tokens.push(await sign({ tenant: 'default', exp: tokens.length === 0 ? 2 : 60 }))
      return tokens.at(-1)
    })
    await page.goto(address)
    await page.evaluate((run) => {
      const { giveToken } = window as unknown as { giveToken: () => Promise<string> }
      document.body.append(
        Object.assign(document.createElement('stepcast-run'), { runId: run, getToken: () => giveToken() }),
      )
    }, run)
    await waitForSketch(page, await bed.undisturbed(run, 'Half way'))
    await gateway.until(() => tokens.length === 2 && gateway.streams.size === 1)
    await bed.report(run, 80, 'Land ahead')
    await showsTheSame(bed, page, run, 'Land ahead')
    assert.equal(tokens.length, 2)
  })
})

describe('one connection', { concurrency: 3, timeout: size(120, 600) * SECOND }, () => {
  test('for any number of elements on a page, of those that come later too', async () => {
    const key = 'many'
    const runs = await Promise.all([bed.halfWay(key), bed.halfWay(), bed.halfWay()])
    const elements = [...runs, ...runs].map((run) => `<stepcast-run run-id="${run}"></stepcast-run>`)
    const byKey = `<stepcast-run workflow="journey" run-key="${key}"></stepcast-run>`
    await using watching = await watchElements(bed, elements.join('') + byKey)
    const { page, gateway, address } = watching
    await page.goto(address)
    await page.waitForFunction(() => document.querySelectorAll('stepcast-run:state(live):state(running)').length === 7)
    assert.deepEqual([gateway.opened, gateway.streams.size], [1, 1])
    const late = await bed.halfWay()
    await page.evaluate((run) => {
      document.body.append(Object.assign(document.createElement('stepcast-run'), { runId: run }))
    }, late)
    await page.waitForFunction(() => document.querySelectorAll('stepcast-run:state(live):state(running)').length === 8)
    await gateway.until(() => gateway.streams.size === 1)
    assert.equal(gateway.opened, 2)
  })

  test('of a run ends with it; of a page it stays for a retry or a newer run, and ends with the last element', async () => {
    const key = 'again'
    const run = await bed.halfWay(key)
    const elements = `<stepcast-run run-id="${run}"></stepcast-run><stepcast-run workflow="journey" run-key="${key}"></stepcast-run>`
    await using watching = await watchElements(bed, elements)
    const { page, gateway, address } = watching
    await page.goto(address)
    const untilAll = (states: string, count: number) =>
      page.waitForFunction(([states, count]) => document.querySelectorAll(`stepcast-run${states}`).length === count, [
        states,
        count,
      ] as const)
    const stream = fetch(`${bed.server.url}/runs/${run}/events`).then((answer) => answer.text())
    await bed.db.rows("insert into gates values ($1, 'fail 1')", [run])
    await finished(bed.db.url, run)
    assert.match(await stream, /event: end\n.*"failed"/s)
    await untilAll(':state(failed):state(live)', 2)
    await retryRun(bed.db.pool, { tenant: 'default', actor: 'test', run })
    await untilAll(':state(running):state(live)', 2)
    await bed.arrive(run)
    await untilAll(':state(completed):state(live)', 2)
    await bed.halfWay(key)
    await untilAll(':state(running):state(live)', 1)
    assert.deepEqual([gateway.opened, gateway.streams.size], [1, 1])
    await page.evaluate(() => document.querySelector('stepcast-run')?.remove())
    await untilAll(':state(running):state(live)', 1)
    await gateway.until(() => gateway.streams.size === 1)
    await page.evaluate(() => document.querySelector('stepcast-run')?.remove())
    await gateway.until(() => gateway.streams.size === 0)
  })
})
