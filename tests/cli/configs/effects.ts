import { z } from 'zod'
import type { Tx } from '../../../worker/context.ts'
import { workflow } from '../../../worker/workflow.ts'

/** Every effect of a handler, as a row of its transaction. */
export const EFFECTS = 'create table effects (run uuid, effect text, at timestamptz default clock_timestamp())'
export const WHOLE = ['one', 'two/a', 'two/b', 'two/c', 'two', 'three', 'end completed']

/** Whoever holds this advisory lock stops the handler that has just had the effect named in the input. */
export const GATE = 4711

interface Context {
  tx: Tx
  input: { stopAt: string }
  run: { id: string }
}

async function write({ tx, input, run }: Context, effect: string): Promise<void> {
  await tx.query('insert into effects (run, effect) values ($1, $2)', [run.id, effect])
  if (input.stopAt === effect) await tx.query('select pg_advisory_xact_lock_shared($1)', [GATE])
}

export const effectful = workflow('effectful', { input: z.object({ stopAt: z.string() }) })
  .step('one', (ctx) => write(ctx, 'one'))
  .step('two', async (ctx) => {
    for (const part of ['a', 'b', 'c']) {
      await ctx.substep(part, (sub) => write({ ...ctx, run: ctx.run, tx: sub.tx }, `two/${part}`))
    }
    await write(ctx, 'two')
  })
  .step('three', (ctx) => write(ctx, 'three'))
  .onEnd((end) => write(end, `end ${end.status}`))
