import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainLogger } from '../../cli/log.ts'
import { readSettings } from '../../cli/settings.ts'

function print(write: (logger: ReturnType<typeof plainLogger>) => void): string {
  const lines: string[] = []
  write(plainLogger(readSettings({}), (line) => lines.push(line)))
  return lines.join('\n')
}

test('an error is a line with its message', () => {
  const line = print((logger) => logger.warn({ err: new Error('the disk is full'), run: '7' }, 'a flush failed'))
  assert.equal(line, 'warn  a flush failed  the disk is full  run="7"')
})

test('no password of a connection string reaches a log, wherever it stands in it', () => {
  const secrets = [
    'postgres://app:hunter2@db.internal/app',
    'postgresql://app:hunter2%40x@db/app?sslmode=require',
    'postgres://app:a@hunter2@db/app',
    'postgres://db/app?user=app&password=hunter2&sslmode=require',
  ]
  for (const url of secrets) {
    const error = Object.assign(new Error(`cannot reach ${url}`, { cause: new Error(url) }), { input: url })
    const line = print((logger) => logger.error({ err: error, url, nested: { deep: [url] } }, `told of ${url}`))
    assert.doesNotMatch(line, /hunter2/)
    assert.match(line, /db/)
  }
})
