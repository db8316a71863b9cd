import { workflow } from '../../../worker/workflow.ts'

export const forgetful = workflow('forgetful').step('work', ({ signal }) => {
  setTimeout(() => {
    throw new Error('nobody waits for this')
  })
  return new Promise((_, reject) => signal.addEventListener('abort', reject))
})
