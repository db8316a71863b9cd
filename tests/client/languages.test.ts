import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration, roughly, typical } from '../../client/durations.ts'
import { formatsFor } from '../../client/formats.ts'
import { bestMatch, localized } from '../../client/languages.ts'
import { pageLanguage } from '../../client/page/language.ts'
import { en as pageEn } from '../../client/page/words/en.ts'
import { zhCN as pageZh } from '../../client/page/words/zh-CN.ts'
import { en as runsEn } from '../../client/runs/words/en.ts'
import { zhCN as runsZh } from '../../client/runs/words/zh-CN.ts'
import { en } from '../../client/words/en.ts'
import { moreEn } from '../../client/words/more-en.ts'
import { hasWords, loadWords, wordsFor } from '../../client/words/pick.ts'
import { zhCN } from '../../client/words/zh-CN.ts'

const plain = (text: string) => text.replaceAll('\u00a0', ' ')

function keysOf(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'object' ? keysOf(inner, `${prefix}${key}.`) : [`${prefix}${key}`],
  )
}

const pairs = [
  [zhCN, { ...en, more: moreEn }],
  [runsZh, runsEn],
  [pageZh, pageEn],
] as const

test('each dictionary says the same things in both languages', () => {
  for (const [chinese, english] of pairs) assert.deepEqual(keysOf(chinese).sort(), keysOf(english).sort())
})

test('what is said in Chinese takes as much as what is said in English', () => {
  const lengths = (words: object) =>
    [words, (words as { more?: object }).more ?? {}]
      .flatMap(Object.entries)
      .flatMap(([key, said]) => (typeof said === 'function' ? [`${key} ${said.length}`] : []))
  for (const [chinese, english] of pairs) assert.deepEqual(lengths(chinese).sort(), lengths(english).sort())
})

test('until Chinese is loaded there is English, numbers and all', async () => {
  assert.equal(hasWords('zh'), false)
  assert.deepEqual(wordsFor('zh'), { words: en, language: 'en' })
  await loadWords('zh')
  assert.equal(hasWords('zh-CN'), true)
  assert.deepEqual(wordsFor('zh'), { words: zhCN, language: 'zh' })
})

test('a language that is not spoken gets English, numbers and all', () => {
  assert.equal(wordsFor('de-CH').words, en)
  assert.equal(wordsFor('de-CH').language, 'en')
})

test('Chinese is found by any of its names', async () => {
  await loadWords('zh-CN')
  for (const tag of ['zh', 'zh-CN', 'zh-Hans', 'zh_CN', 'zh-Hant-TW', 'ZH-cn'])
    assert.equal(wordsFor(tag).words, zhCN, tag)
})

test('what is no language tag gets English', () => {
  for (const tag of ['', '???', 'x']) assert.equal(wordsFor(tag).words, en, tag)
})

test('the script counts more than the region', () => {
  assert.equal(bestMatch('zh-TW', ['zh-CN', 'zh-Hant-HK']), 'zh-Hant-HK')
  assert.equal(bestMatch('en-GB', ['en-US', 'en-GB']), 'en-GB')
  assert.equal(bestMatch('fr', ['en', 'zh']), undefined)
})

test('a text without the reader’s language falls back to the one given, else to the first', () => {
  const texts = { en: 'Push template', 'zh-CN': '推送项目模板' }
  assert.equal(localized(texts, 'zh'), '推送项目模板')
  assert.equal(localized(texts, 'fr'), 'Push template')
  assert.equal(localized(texts, 'fr', 'push_template'), 'push_template')
  assert.equal(localized(null, 'fr', 'push_template'), 'push_template')
  assert.equal(localized('Push', 'zh'), 'Push')
  assert.equal(localized(null, 'zh'), '')
})

test('durations: tenths below ten seconds, then the two largest units', () => {
  const cases: [number, string, string][] = [
    [0, '0.0 s', '0.0 秒'],
    [3_140, '3.1 s', '3.1 秒'],
    [7_000, '7.0 s', '7.0 秒'],
    [9_999, '9.9 s', '9.9 秒'],
    [10_000, '10 s', '10 秒'],
    [59_999, '59 s', '59 秒'],
    [60_000, '1 min', '1 分钟'],
    [72_400, '1 min 12 s', '1 分钟 12 秒'],
    [7_500_000, '2 h 5 min', '2 小时 5 分钟'],
    [100_000_000, '1 d 3 h', '1 天 3 小时'],
  ]
  for (const [ms, english, chinese] of cases) {
    assert.equal(plain(duration('en', ms)), english)
    assert.equal(plain(duration('zh-CN', ms)), chinese)
  }
})

test('what is usual shows tenths only below a second', () => {
  assert.deepEqual(
    [200, 1_000, 14_300].map((ms) => plain(typical('en', ms))),
    ['0.2 s', '1 s', '14 s'],
  )
})

test('an estimate claims no more than it knows', () => {
  const texts = [0, 7_600, 23_400, 58_000, 100_000, 400_000].map((ms) => plain(roughly('en', ms)))
  assert.deepEqual(texts, ['1 s', '8 s', '25 s', '1 min', '1 min 30 s', '7 min'])
})

test('the clock runs from 0 to 23 in every language', () => {
  const late = new Date()
  late.setHours(14, 2, 11)
  assert.equal(formatsFor('en').time(late.toISOString()), '14:02:11')
  assert.match(formatsFor('en').time('2020-01-01T12:00:00Z'), /2020/)
})

test('the page speaks the first of the reader’s languages that it knows', () => {
  assert.equal(pageLanguage(['fr-CH', 'zh-TW', 'en']), 'zh-TW')
  assert.equal(pageLanguage(['fr-CH']), 'en')
})
