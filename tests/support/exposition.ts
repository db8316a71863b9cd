import assert from 'node:assert/strict'

/** The samples of a scrape, by name and labels as written there: `stepcast_runs{status="pending"}`. */
export type Samples = Map<string, number>

const NAME = /^[a-z_:][a-z0-9_:]*$/
const SAMPLE =
  /^([a-z_:][a-z0-9_:]*)(\{(?:[a-z_][a-z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/
const TYPES = ['counter', 'gauge', 'histogram']
const NOT_BASE_UNITS = /_(ms|milliseconds|minutes|hours|kilobytes|megabytes|percent)(_|$)/

/** Reads the text format 0.0.4, and rejects everything that `promtool check metrics` would reject. */
export function parseExposition(text: string): Samples {
  assert.ok(text.endsWith('\n'), 'it ends with a line feed')
  const samples: Samples = new Map()
  for (const family of text.trimEnd().split(/\n\n?(?=# HELP )/)) parseFamily(family, samples)
  return samples
}

function parseFamily(family: string, samples: Samples): void {
  const [help = '', kind = '', ...lines] = family.split('\n')
  const [, name = '', words = ''] = /^# HELP (\S+) (.+)$/.exec(help) ?? []
  const [, typed, type = ''] = /^# TYPE (\S+) (\S+)$/.exec(kind) ?? []
  assert.equal(typed, name, `${help}: its type follows`)
  assert.match(name, NAME)
  assert.ok(TYPES.includes(type), `${name}: ${type}`)
  assert.ok(words.length > 0, `${name} has a help`)
  assert.doesNotMatch(name, NOT_BASE_UNITS)
  assert.equal(name.endsWith('_total'), type === 'counter', `${name}: counters, and they alone, end in _total`)
  assert.doesNotMatch(name, /_(count|sum|bucket|info)$/)
  const read = lines.map((line) => parseSample(line, name, type))
  for (const [key, value] of read) {
    assert.ok(!samples.has(key), `${key} is there once`)
    samples.set(key, value)
  }
  if (type === 'histogram') checkHistogram(name, read)
}

function parseSample(line: string, family: string, type: string): [key: string, value: number] {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? []
  const suffix = type === 'histogram' ? '(_bucket|_sum|_count)' : ''
  assert.match(name, new RegExp(`^${family}${suffix}$`), `“${line}” is a sample of ${family}`)
  const number = Number(value.replace('Inf', 'Infinity'))
  if (type === 'counter') assert.ok(number >= 0, line)
  return [`${name}${labels}`, number]
}

/** Buckets only rise, and the last one equals the count. */
function checkHistogram(name: string, read: [string, number][]): void {
  const last = new Map<string, number>()
  for (const [key, value] of read) {
    const others = key
      .replace(/,?le="[^"]*"|\{le="[^"]*"\}/, '')
      .replace(/\{,?\}/, '')
      .replace('{,', '{')
    if (key.startsWith(`${name}_bucket`)) {
      assert.ok(value >= (last.get(others) ?? 0), key)
      last.set(others, value)
    } else if (key.startsWith(`${name}_count`)) {
      assert.equal(last.get(others.replace('_count', '_bucket')), value, `${key} is what +Inf says`)
    }
  }
}
