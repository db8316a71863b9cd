import pg from 'pg'
import { claimRun, flushReports, registerWorker } from '../db/engine.ts'
import { readChanges } from '../db/changes.ts'
import { startRun } from '../db/runs.ts'
import { registerWorkflows } from '../worker/register.ts'
import { workflow } from '../worker/workflow.ts'
const c = new pg.Client(process.env.DATABASE_URL); await c.connect();
await registerWorkflows(c, [workflow('t').step('a', () => {}).step('b', () => {}).step('c', () => {}).step('d', () => {}).step('e', () => {}).step('f', () => {})])
const w = await registerWorker(c, 'x', 'y')
const held: any[] = []
for (let i = 0; i < 1000; i++) { const { id } = await startRun(c, { tenant: 'default', actor: 'x', workflow: 't', input: {} }); const cl = (await claimRun(c, id, w))!; held.push({ run: id, lease: cl.lease, step: cl.step!.id }) }
let n = 0
const med = (xs: number[]) => xs.sort((a, b) => a - b)[xs.length >> 1]!.toFixed(3)
for (const size of [1, 10, 100, 1000]) {
  const f: number[] = [], r: number[] = []
  for (let i = 0; i < (size > 100 ? 30 : 200); i++) {
    const batch = held.slice(0, size); n++

    let t = performance.now()
    await flushReports(c, batch.map((h) => ({ ...h, progress: Math.min(99, n % 100), message: 'm' + n, messages: null, metadata: null })), [])
    f.push(performance.now() - t)
    t = performance.now()
    const rev = 1
    await readChanges(c, batch.map((h) => ({ run: h.run, since: 2, line: null })))
    r.push(performance.now() - t)
  }
  console.log(size, 'flush ms', med(f), 'rows/s', Math.round(size / Number(med(f)) * 1000), 'read ms', med(r))
}
await c.end()
const c2 = new pg.Client(process.env.DATABASE_URL); await c2.connect()
const xs: number[] = []; for (let i = 0; i < 300; i++) { const t = performance.now(); await c2.query({ name: 'x', text: 'select $1::int', values: [1] }); xs.push(performance.now() - t) }
console.log('round trip', med(xs)); await c2.end()
