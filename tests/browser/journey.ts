import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { silent } from '../../db/logger.ts'
import { startWorker } from '../../worker/start.ts'
import { type Workflow, workflow } from '../../worker/workflow.ts'
import { type Started, startProcess } from '../support/process.ts'

/** Where a handler waits for the test, and what it did: a row of each effect. */
export const JOURNEY_TABLES = `
  create table gates (run uuid, opened text);
  create table effects (run uuid, effect text);
`

/** Four steps; the second waits half way until the test opens its gate, or opens it with “fail”. */
export const journey: Workflow<{ name: string }> = workflow('journey', {
  displayName: { en: 'Journey “{name}”', 'zh-CN': '旅程 “{name}”' },
  input: z.object({ name: z.string() }),
})
  .step('pack', async (ctx) => {
    await ctx.tx.query('insert into effects values ($1, $2)', [ctx.run.id, 'pack'])
  })
  .step('travel', { weight: 2, substeps: ['walk', 'sail'] }, async (ctx) => {
    await ctx.substep('walk', (sub) =>
      sub.tx.query('insert into effects values ($1, $2)', [ctx.run.id, 'walk']).then(() => {}),
    )
    await ctx.substep('sail', async (sub) => {
      sub.report(50, { en: 'Half way', 'zh-CN': '一半' })
      sub.log('The sea is calm')
      for (;;) {
        sub.signal.throwIfAborted()
        const { rows } = await gates.query<{ opened: string }>('select opened from gates where run = $1', [ctx.run.id])
        if (rows.some(({ opened }) => opened === 'sail')) return
        if (rows.some(({ opened }) => opened === `fail ${ctx.attempt}`)) throw new Error('The ship has sunk')
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    })
    await ctx.tx.query('insert into effects values ($1, $2)', [ctx.run.id, 'travel'])
  })
  .step('arrive', async (ctx) => {
    await ctx.tx.query('insert into effects values ($1, $2)', [ctx.run.id, 'arrive'])
  })

const { Pool } = (await import('pg')).default
const gates = new Pool({ connectionString: process.argv[2], max: 2 })

/** A worker of the journey in a process of its own, so that it can be killed. */
export async function forkJourneyWorker(url: string): Promise<Started> {
  const started = startProcess(fileURLToPath(import.meta.url), [url])
  await started.says(/ready/)
  return started
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await startWorker({ workflows: [journey], databaseUrl: process.argv[2] ?? '', logger: silent })
  process.stdout.write('ready\n')
}
