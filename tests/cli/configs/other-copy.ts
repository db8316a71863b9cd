import { workflow } from '../../../worker/workflow.ts'

/** As what another copy of the package makes: the same, of another class. */
export const elsewhere = { definition: workflow('from_elsewhere').step('work', () => {}).definition }
