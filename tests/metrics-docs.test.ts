import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { Registry } from '@prometheus-io/client'
import pg from 'pg'
import { gaugeDatabase } from '../server/database-gauges.ts'
import { meterIn as meterOfServer } from '../server/meter.ts'
import { meterIn as meterOfWorker } from '../worker/metrics.ts'

test('docs/observability.md lists every metric with its type, and no other', async () => {
  const registry = new Registry()
  meterOfServer(registry)
  meterOfWorker(registry)
  // It is asked nothing.
  gaugeDatabase(registry, new pg.Pool())
  const text = await readFile(new URL('../docs/observability.md', import.meta.url), 'utf8')
  const documented = [...text.matchAll(/^\| `(stepcast_\w+)` \| (\w+) \|/gm)].map(([, name, type]) => `${name} ${type}`)
  const made = registry.getMetricsAsArray().map((metric) => `${metric.name} ${(metric as { type?: string }).type}`)
  assert.deepEqual(documented.sort(), made.sort())
})
