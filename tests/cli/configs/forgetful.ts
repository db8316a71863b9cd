import { workflow } from '../../../worker/workflow.ts'

export const forgetful = workflow('forgetful').step('work', ({ signal }) => {
  setTimeout(() => {
    throw Object.assign(new Error('nobody waits for this'), { code: 'ENOENT' })
  })
  return new Promise((_, reject) => signal.addEventListener('abort', reject))
})
