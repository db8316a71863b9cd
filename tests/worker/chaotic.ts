/** Workflows of every shape whose effects are in a ledger, and a worker process that has them. Argument: database. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startWorker } from '../../worker/start.ts'
import { type Workflow, workflow } from '../../worker/workflow.ts'
import { write } from './ledger.ts'

const pause = () => sleep(Math.random() * 80)

const linear = workflow('linear')
  .step('one', async (ctx) => {
    await write(ctx.tx, ctx.run.id, 'one')
    await pause()
  })
  .step('two', async (ctx) => {
    for (const part of ['a', 'b', 'c']) {
      await ctx.substep(part, async (sub) => {
        await write(sub.tx, ctx.run.id, `two/${part}`)
        ctx.report(50, part)
        await pause()
      })
    }
  })
  .step('three', async (ctx) => {
    await pause()
    await write(ctx.tx, ctx.run.id, 'three')
  })
  .onEnd(({ tx, run }) => write(tx, run.id, 'end'))

const branching = workflow('branching')
  .step('fetch', pause)
  .step('left', { needs: ['fetch'] }, async (ctx) => {
    await pause()
    await write(ctx.tx, ctx.run.id, 'left')
  })
  .step('right', { needs: ['fetch'] }, async (ctx) => {
    await write(ctx.tx, ctx.run.id, 'right')
    await pause()
  })
  .step('unless', { needs: ['fetch'], when: () => false }, () => {})
  .step('join', { needs: ['left', 'right', 'unless'] }, async (ctx) => {
    await write(ctx.tx, ctx.run.id, 'join')
  })

const flaky = workflow('flaky', { concurrency: { limit: 2 } })
  .step('tries', { retry: { attempts: 50, delay: 20, maxDelay: 50 } }, async (ctx) => {
    await write(ctx.tx, ctx.run.id, 'tries')
    await pause()
    if (Math.random() < 0.5) throw new Error('again')
  })
  .step('last', { needs: ['tries'] }, async (ctx) => {
    await write(ctx.tx, ctx.run.id, 'last')
  })

export const chaotic: Workflow[] = [linear, branching, flaky]

export const EFFECTS: Record<string, string[]> = {
  linear: ['one', 'two/a', 'two/b', 'two/c', 'three', 'end'],
  branching: ['left', 'right', 'join'],
  flaky: ['tries', 'last'],
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  process.on('disconnect', () => process.exit())
  const worker = await startWorker({ workflows: chaotic, databaseUrl: process.argv[2] ?? '' })
  worker.done.catch(() => process.exit(7))
  process.send?.('ready')
}
