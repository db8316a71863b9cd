import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beatPulse, newPulse, silenceOf } from '../../worker/pulse.ts'

const DAY = 24 * 60 * 60 * 1_000

test('how long the main thread was silent is right after any time, where its number wraps too', () => {
  for (const passed of [0, 1.5, 2 ** 31 - 100, 2 ** 31 + 100, 2 ** 32 - 100, 2 ** 32 + 100, 400 * DAY]) {
    const pulse = { ...newPulse(), origin: 1_000 }
    const now = pulse.origin + passed
    beatPulse(pulse, now)
    assert.equal(silenceOf(pulse, now), 0, `after ${passed} ms`)
    assert.equal(silenceOf(pulse, now + 250), 250, `after ${passed} ms`)
  }
})
