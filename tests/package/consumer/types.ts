// Compiled against the published declarations: what an application sees of them.
import { type RunEnd, type StepSettings, workflow } from 'stepcast'
import { define, StepcastRun } from 'stepcast/client'
import { renderRun } from 'stepcast/client/prerender'
import { NOTHING_KNOWN, RunStream, type RunView, reduce } from 'stepcast/client/stream'
import { mintRunToken, type Principal, startServer, stepcastRouter } from 'stepcast/server'
import { startWorker, taskList } from 'stepcast/worker'
import { z } from 'zod'
import * as mini from 'zod/mini'

const importFile = workflow('import_file', { input: z.object({ path: z.string() }) })
  .step('parse', async ({ input }) => ({ rows: input.path.length }))
  .step('load', { weight: 5, retry: { attempts: 3 } }, async ({ results, tx }) => {
    const { rowCount } = await tx.query('select $1::int', [results.parse.rows.toFixed()])
    return { rowCount }
  })
  .onEnd(async ({ status }: RunEnd<{ path: string }>) => void status)

export const worker = () => startWorker({ workflows: [importFile], databaseUrl: 'postgres://' })
export const tasks = () => taskList([importFile], { databaseUrl: 'postgres://' })
export const server = () =>
  startServer({ databaseUrl: 'postgres://', authenticate: (ctx) => ({ id: ctx.ip, tenant: 'a' }) })
export const router = () => stepcastRouter({ databaseUrl: 'postgres://', prefix: '/stepcast' }).routes()
export const element = (): StepcastRun => document.createElement('stepcast-run')
export const title = () =>
  document.addEventListener('stepcast-change', ({ detail }) => {
    document.title = detail.run.displayName
  })
export const chosen = () => window.addEventListener('stepcast-period-change', ({ detail }) => detail.period.length)
export const drawn = (view: RunView) => view.run && renderRun({ run: view.run, steps: [...view.steps] }, { lang: 'zh' })
export const titles = (view: RunView): string[] => view.steps.map(({ displayName }) => displayName)
export { define, mintRunToken, NOTHING_KNOWN, RunStream, reduce, StepcastRun }

/** An application's own zod may be older than this package's, whose types have members that those do not know; or small. */
const older = z.object({ path: z.string() }) as Omit<z.ZodObject<{ path: z.ZodString }>, 'validate' | 'toJSONSchema'>
const small = mini.object({ path: mini.string() })
export const lengths = [
  workflow('older', { input: older }).step('a', ({ input }) => input.path.length),
  workflow('small', { input: small }).step('a', ({ input }) => input.path.length),
  // @ts-expect-error what an input holds is typed, whichever zod describes it
  workflow('wrong', { input: small }).step('a', ({ input }) => input.paths),
  // @ts-expect-error a type of TypeScript alone is no schema
  workflow('none', { input: { path: 'string' } }),
]

/** Of every step of an application's; and options that may be undefined where that is kept apart from being left out. */
const careful: StepSettings = { retry: { attempts: 3, delay: undefined }, timeout: '1m' }
const settled = workflow('s', { timeout: undefined, onFailure: undefined })
  .step('a', careful, () => ({ n: 1 }))
  .step('b', { ...careful, needs: ['a'] }, ({ results }) => results.a.n)
export const judged = () => startWorker({ workflows: [settled], databaseUrl: 'postgres://', retention: undefined })
export const known = (session: { principal?: Principal }) =>
  stepcastRouter({ databaseUrl: 'postgres://', authenticate: () => session.principal, authorize: undefined })

const typed = workflow('x').step('a', async () => ({ n: 1 }))
// @ts-expect-error results are typed: nothing is `any` on its way through the package
typed.step('b', async ({ results }) => results.a.m)
