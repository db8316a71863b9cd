import { done, failed, operation, type RunState, running, states, sub, three } from '../client/run-states.ts'
import { aStep } from '../client/samples.ts'
import { picture } from './run-picture.ts'
import type { Picture, Scene } from './scene.ts'

const word = 'step-with-a-name-that-no-line-can-hold-'
const sentence = 'All that went wrong, told at length. '

/** A failure far down, and another in one of its sub-steps; it was retried before. */
const MANY: RunState = {
  run: states.failed.run,
  steps: [
    ...Array.from({ length: 14 }, (_, at) =>
      aStep({ ...done, id: at + 20, sequence: at, step: `before${at}`, displayName: `Prepare part ${at + 1}` }),
    ),
    ...three(done, { ...failed, error: 'Two of its parts failed.' }).map((step) => ({
      ...step,
      sequence: step.id + 20,
    })),
    sub(4, done),
    sub(5, { ...failed, error: 'Protected branch', attempt: 1 }),
  ],
}

/** Texts as long as they may be, with words that no line can hold. */
const LONG: RunState = {
  run: { ...states.failed.run, displayName: `Setting up ${word.repeat(8)}` },
  steps: [
    ...three(
      { ...done, displayName: word.repeat(5) },
      { ...failed, displayName: sentence.repeat(4), error: sentence.repeat(40), errorStack: word.repeat(60) },
      { ...running, displayName: `${word}${sentence}`, message: `${word.repeat(4)} ${sentence.repeat(20)}` },
    ),
    sub(4, { ...running, parentId: 3, displayName: word.repeat(3), message: sentence }),
  ],
}

const HEBREW: RunState = {
  run: { ...states.cancelled.run, displayName: 'הקמת הפרויקט “aurora-web”' },
  steps: three(
    { ...done, displayName: 'אימות הרשאות' },
    { ...running, displayName: 'העלאת תבנית', message: '184 מתוך 297 קבצים' },
    { displayName: 'סיום (v2.1)' },
  ),
}

const attempts = (scene: Scene) => scene.page.locator('.step .time .fold').first().click()

export const pictures: Picture[] = [
  ...Object.entries(states).map(([name, state]) =>
    picture(
      name,
      state,
      name === 'cancelled' ? { details: { operations: [operation('cancel', 'anna', 'wrong branch')] } } : {},
    ),
  ),
  picture(
    'unserved',
    { ...states.pending, run: { ...states.pending.run, createdAt: '2026-11-22T10:00:00Z' } },
    {
      details: { unserved: true },
      after: async ({ page, lang }) => page.getByText(lang === 'en' ? 'No live worker' : '没有可执行').waitFor(),
    },
  ),
  picture('attempts', states.failed, {
    after: async (scene) => {
      await attempts(scene)
      await scene.page.locator('.try').first().click()
    },
  }),
  picture('timeline', states.failed, {
    after: async ({ press, page }) => {
      await press('Timeline', '时间线')
      await page.locator('.lane rect.waited').first().waitFor()
    },
  }),
  picture('timeline-running', states.deep, {
    after: async ({ press, page }) => {
      await press('Timeline', '时间线')
      await page.locator('.lane rect').first().waitFor()
    },
  }),
  picture('many', MANY, { attributes: 'with-links', after: ({ page }) => page.locator('.failures').waitFor() }),
  picture('many-focused', MANY, {
    attributes: 'with-links',
    after: async ({ page }) => {
      await page.locator('.failures button').click()
      await page.locator('summary').first().click()
      await page.locator('.failures button').click()
    },
  }),
  picture('long', LONG, { after: ({ page }) => page.locator('.whole').first().waitFor() }),
  picture('right-to-left-names', HEBREW, { details: { operations: [operation('cancel', 'דנה', '1 ענף')] } }),
  picture('reconnecting', states.running, {
    after: async ({ page }, stream) => {
      await page.route('**/events*', (route) => route.abort())
      stream.cut()
      await page.locator('.card.is-reconnecting').waitFor()
    },
  }),
  picture('stale', states.running, {
    after: async ({ page }, stream) => {
      await page.clock.install()
      await page.route('**/events*', (route) => route.abort())
      stream.cut()
      await page.locator('.card.is-reconnecting').waitFor()
      await page.clock.fastForward(12_000)
    },
  }),
]
