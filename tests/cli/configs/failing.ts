import { workflow } from '../../../worker/workflow.ts'

export const failing = workflow('failing').step('break', async () => {
  throw new Error('This is the reason.')
})

export const demo = { workflow: 'failing', input: () => ({}) }
