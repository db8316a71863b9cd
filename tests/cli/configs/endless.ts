import { once } from 'node:events'
import { workflow } from '../../../worker/workflow.ts'

export const endless = workflow('endless').step('wait', async (ctx) => {
  ctx.report(10, `worker ${process.pid}`)
  await once(ctx.signal, 'abort')
  ctx.signal.throwIfAborted()
})

export const demo = { workflow: 'endless', input: () => ({}) }
