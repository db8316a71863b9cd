import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { Page } from 'playwright-core'
import { Announcer } from '../../client/announcer.ts'
import { overflows } from './element-page.ts'
import { useRunPage } from './run-page.ts'
import { done, failed, running, states, three } from './run-states.ts'
import { aStep, patchEvent } from './samples.ts'

const { show } = useRunPage()

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
/** A property of style as it counts. */
const styleOf = (page: Page, selector: string, name: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), name)
const box = async (page: Page, selector: string) => {
  const found = await page.locator(selector).first().boundingBox()
  assert.ok(found, selector)
  return found
}

test('each step is there from the first moment, told by mark and word, and what runs counts its seconds', async () => {
  const { page } = await show(states.running)
  const rows = page.locator('ol.steps > li.step')
  const told = await rows.evaluateAll((all) =>
    all.map((row) => [
      row.querySelector('.icon')?.classList[1],
      row.querySelector('.name')?.textContent?.replace(/\s+/g, ' ').trim().split(' 1 of 2')[0],
    ]),
  )
  assert.deepEqual(told, [
    ['completed', 'Resolve credentials, completed'],
    ['running', 'Push template, running'],
    ['pending', 'Finish, waiting'],
  ])
  const shapes = await rows.evaluateAll((all) => all.map((row) => row.querySelector('.icon')?.innerHTML))
  assert.equal(new Set(shapes).size, 3)
  const time = () => page.locator('[aria-current=step] > .time').textContent()
  const before = await time()
  await page.waitForFunction(
    (before) =>
      document.querySelector('stepcast-run')?.shadowRoot?.querySelector('[aria-current=step] > .time')?.textContent !==
      before,
    before,
  )
})

test('what was done before a failure is one row, so that the failure is on top, with what caused it', async () => {
  const early = [1, 2, 3].map((id) => aStep({ ...done, id: id + 10, sequence: id, displayName: `Early ${id}` }))
  const steps = [...early, ...three(done, failed).map((step) => ({ ...step, sequence: step.sequence + 10 }))]
  const { page } = await show({ ...states.failed, steps })
  const rows = page.locator('ol.steps > li.step:visible')
  assert.match((await rows.nth(0).textContent()) ?? '', /4 steps completed/)
  assert.match((await rows.nth(1).textContent()) ?? '', /Push template/)
  await page.getByText('Stack · caused by GitError').click()
  await page.getByText('at git (git.ts:1)').waitFor()
  await button(page, '4 steps completed').click()
  await rows.nth(6).waitFor()
})

test('where nothing ran for long, the timeline folds and says for how long', async () => {
  const at = (seconds: number) => new Date(Date.parse('2026-11-22T10:00:00Z') + seconds * 1_000).toISOString()
  const ran = (from: number, to: number) => ({ ...done, startedAt: at(from), completedAt: at(to), duration: 1_000 })
  const run = { ...states.completed.run, createdAt: at(0), runAt: at(0), startedAt: at(0), completedAt: at(3_602) }
  const { page } = await show({ run, steps: three(ran(0, 1), ran(1, 2), ran(3_601, 3_602)) })
  await button(page, 'Timeline').click()
  assert.match((await page.locator('.fold-mark title').textContent()) ?? '', /^59.min.59.s idle$/)
  assert.ok((await box(page, '.lane:last-of-type rect.completed')).width > 100)
})

test('the times of a timeline and its folds stand beside each other, however narrow it is', async () => {
  const at = (seconds: number) => new Date(Date.parse('2026-11-22T10:00:00Z') + seconds * 1_000).toISOString()
  const ran = (from: number, to: number) => ({ ...done, startedAt: at(from), completedAt: at(to), duration: 1_000 })
  for (const [first, second, third, fourth] of [
    [1, 3, 1, 1],
    [0.02, 0.03, 0.06, 0.01],
    [10, 30, 65, 9],
  ] as const) {
    const [b, c, d] = [first + 43, first + 93 + second, first + 240 + second + third]
    const steps = [
      ...three(ran(0, first), ran(b, b + second), ran(c, c + third)),
      aStep({ id: 9, sequence: 9, displayName: 'Last', step: 'last', ...ran(d, d + fourth) }),
    ]
    const ended = { startedAt: at(0), completedAt: at(d + fourth) }
    const { page } = await show({ run: { ...states.completed.run, createdAt: at(0), runAt: at(0), ...ended }, steps })
    await button(page, 'Timeline').click()
    await page.locator('.marks text').first().waitFor()
    for (const width of [320, 480, 640, 1000]) {
      await page.setViewportSize({ width, height: 900 })
      const spans = await page.locator('.marks text:visible').evaluateAll((all) =>
        all.map((each) => {
          const { left, right } = each.getBoundingClientRect()
          return { text: each.textContent, left, right }
        }),
      )
      spans.sort((a, b) => a.left - b.left)
      const over = spans.filter(({ left }, index) => left < (spans[index - 1]?.right ?? 0))
      assert.deepEqual(over, [], `${width} px wide`)
      assert.ok(spans.length > 1)
    }
    await page.setViewportSize({ width: 1000, height: 900 })
  }
})

test('who wants little motion has none, and who has not said so sees what runs turn', async () => {
  const { page } = await show(states.running)
  const moving = () =>
    page.evaluate(() =>
      document
        .querySelector('stepcast-run')
        ?.shadowRoot?.getAnimations()
        .map((one) => (one as CSSAnimation).animationName),
    )
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  assert.ok((await moving())?.includes('turn'))
  await page.emulateMedia({ reducedMotion: 'reduce' })
  assert.deepEqual(await moving(), [])
  await page.emulateMedia({ reducedMotion: null })
})

test('with colours of the reader’s own the bar is told from its track, and what failed from what was completed', async () => {
  const { page } = await show(states.failed)
  await button(page, 'Timeline').click()
  await page.locator('.lane rect.failed').first().waitFor()
  await page.emulateMedia({ forcedColors: 'active' })
  assert.notEqual(await styleOf(page, 'header rect', 'fill'), await styleOf(page, 'header .bar', 'background-color'))
  assert.notEqual(await styleOf(page, '.lane rect.failed', 'fill'), await styleOf(page, '.lane rect.completed', 'fill'))
  assert.equal(await styleOf(page, 'header .bar', 'border-top-style'), 'solid')
  await page.emulateMedia({ forcedColors: null })
})

test('from right to left all is mirrored but the log and the stack', async () => {
  const { page } = await show(states.failed)
  await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'))
  const [icon, name, time] = [
    await box(page, '.step .icon'),
    await box(page, '.step bdi'),
    await box(page, '.step .time'),
  ]
  assert.ok(icon.x > name.x && name.x > time.x)
  const [bar, fill] = [await box(page, 'header .bar'), await box(page, 'header rect')]
  assert.ok(Math.abs(bar.x + bar.width - fill.x - fill.width) < 1, 'it fills from the right')
  await page.getByText('Stack · caused by').click()
  assert.equal(await styleOf(page, 'pre', 'direction'), 'ltr')
  await button(page, 'Timeline').click()
  const [first, second] = [await box(page, '.lane rect.completed'), await box(page, '.lane rect.failed')]
  assert.ok(first.x + first.width > second.x + second.width, 'what came first is on the right')
  await button(page, 'Logs').click()
  assert.equal(await styleOf(page, '.log', 'direction'), 'ltr')
  assert.equal(await overflows(page), false)
  await page.evaluate(() => document.documentElement.removeAttribute('dir'))
})

test('keys do something only while the focus is inside, and nothing where one writes', async () => {
  const { page } = await show(states.failed)
  const focused = () =>
    page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.id ?? document.activeElement?.tagName)
  await page.keyboard.press('n')
  assert.equal(await focused(), 'BODY')
  await button(page, 'Logs').click()
  await page.getByRole('searchbox').focus()
  await page.keyboard.type('n')
  assert.equal(await page.getByRole('searchbox').inputValue(), 'n')
  await button(page, 'Logs').focus()
  await page.keyboard.press('n')
  await page.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.id === 's2')
})

test('who only listens is told of milestones, at most one in two seconds and the newest after them, and of the end at once', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const announcer = new Announcer({ requestUpdate: () => {} })
  const told = (text: string, isEnd = false) => {
    announcer.tell({ text, isEnd })
    return announcer.text
  }
  assert.deepEqual(
    ['1', '2', '3', '4'].map((text) => told(text)),
    ['', '2', '2', '2'],
  )
  mock.timers.tick(2_000)
  assert.equal(announcer.text, '4')
  assert.equal(told('5'), '4')
  assert.equal(told('end', true), 'end')
  // Of another run it is told from its second milestone on, whatever was told of the one before.
  announcer.forget()
  assert.deepEqual([told('1'), told('2')], ['', '2'])
  mock.timers.reset()
})

test('what is told after a pause is told also where the element moves meanwhile', async () => {
  const { page, stream } = await show({ run: states.running.run, steps: three(running) })
  const status = page.locator('stepcast-run [role=status]')
  stream.send(patchEvent({ revision: 2 }, three(done, running)))
  await status.getByText('Step 2 of 3').waitFor({ state: 'attached' })
  stream.send(patchEvent({ revision: 3 }, three(done, done, running)))
  await page.locator('#s3.running').waitFor()
  await page.locator('stepcast-run').evaluate((element) => document.querySelector('main')?.append(element))
  await status.getByText('Step 3 of 3').waitFor({ state: 'attached' })
})
