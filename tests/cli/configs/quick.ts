import { workflow } from '../../../worker/workflow.ts'

export const quick = workflow('quick', { displayName: 'Being quick' })
  .step('first', async (ctx) => {
    await ctx.substep('inner', async () => 1)
  })
  .step('second', async () => 2)

export const demo = { workflow: 'quick', input: () => ({}) }
