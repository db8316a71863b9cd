import { workflow } from '../../../worker/workflow.ts'

/** An older version of the workflow in quick.ts. */
export const quick = workflow('quick', { displayName: 'Being quick' }).step('only', async () => 1)
