import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { z } from 'zod'
import type { Tx } from '../../worker/context.ts'
import { startWorker } from '../../worker/start.ts'
import { type Workflow, workflow } from '../../worker/workflow.ts'
import type { Fixture } from '../support/fixture.ts'

/** Every effect of a handler, as a row of its transaction; and where handlers wait to be let go on. */
export const LEDGER = `
  create table ledger (run uuid, effect text, pid integer, at timestamptz default clock_timestamp());
  create table claims (run uuid, name text, primary key (run, name));
  create table gates (name text primary key, open boolean not null default false);
`

/** An effect, and a unique key that whoever does it again must wait for, or collides with. */
export async function write(tx: Tx, run: string, effect: string): Promise<void> {
  await tx.query('insert into claims (run, name) values ($1, $2)', [run, effect])
  await tx.query('insert into ledger (run, effect, pid) values ($1, $2, $3)', [run, effect, process.pid])
}

/** Three steps; the second has three sub-steps. It says where it is and waits there when `stopAt` says so. */
export const ledgered: Workflow<{ stopAt: string }> = workflow('ledgered', { input: z.object({ stopAt: z.string() }) })
  .step('first', async (ctx) => {
    await write(ctx.tx, ctx.run.id, 'first')
  })
  .step('middle', async (ctx) => {
    for (const name of ['a', 'b', 'c']) {
      await ctx.substep(name, async (sub) => {
        await write(sub.tx, ctx.run.id, `middle/${name}`)
        if (ctx.input.stopAt === name && ctx.attempt === 1) await forever(sub.signal)
      })
    }
    ctx.report(90, 'nearly')
    await write(ctx.tx, ctx.run.id, 'middle')
    if (ctx.input.stopAt === 'middle' && ctx.attempt === 1) await forever(ctx.signal)
  })
  .step('last', async (ctx) => {
    await write(ctx.tx, ctx.run.id, 'last')
  })
  .onEnd(async ({ tx, run, status }) => {
    await write(tx, run.id, `end ${status}`)
  })

/** A step that fails at its first try, and is tried again at once. */
export const failing: Workflow = workflow('failing')
  .step('flaky', { retry: { attempts: 2, delay: 10 } }, async (ctx) => {
    await write(ctx.tx, ctx.run.id, 'flaky')
    if (ctx.attempt === 1) throw new Error('once')
  })
  .step('last', async (ctx) => {
    await write(ctx.tx, ctx.run.id, 'last')
  })

/** Says that the handler is where the test wants it, then waits until it is killed or stopped. */
function forever(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted()
  process.send?.('there')
  return new Promise((_, reject) => {
    const keepAlive = setInterval(() => {}, 1000)
    signal.addEventListener('abort', () => {
      clearInterval(keepAlive)
      reject(signal.reason)
    })
  })
}

export async function effects(db: Fixture, run: string): Promise<string[]> {
  const rows = await db.rows<{ effect: string }>('select effect from ledger where run = $1 order by at', [run])
  return rows.map(({ effect }) => effect)
}

/** A worker in a process of its own, ready for jobs. It dies with the test. */
export async function forkWorker(url: string): Promise<ChildProcess> {
  const child = fork(new URL(import.meta.url), [url], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await heard(child, 'ready')
  return child
}

/** Resolves when a child says a word. */
export async function heard(child: ChildProcess, word: string): Promise<void> {
  for (;;) if ((await once(child, 'message'))[0] === word) return
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  process.on('disconnect', () => process.exit())
  await startWorker({ workflows: [ledgered], databaseUrl: process.argv[2] ?? '' })
  process.send?.('ready')
}
