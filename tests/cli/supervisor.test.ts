import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { Supervisor } from '../../cli/supervisor.ts'

const script = join(import.meta.dirname, 'configs/crashing.mjs')

test('a process that ends is started again, and not after it was stopped', async () => {
  const lines = new EventEmitter()
  const seen: string[] = []
  const print = (line: string) => {
    seen.push(line)
    lines.emit(line.split(' ')[0] ?? '')
  }
  const supervised = new Supervisor({ script, args: [], env: {}, print })
  await once(lines, 'began')
  await once(lines, 'began')
  await supervised.stop()
  const pids = seen.filter((line) => line.startsWith('began'))
  assert.equal(new Set(pids).size, pids.length)
  assert.match(seen.join('\n'), /The worker ended \(exit code 3\); the next one starts in/)
  const before = seen.length
  await supervised.stop()
  assert.equal(seen.length, before)
})
