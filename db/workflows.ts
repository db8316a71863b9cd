import { call } from './call.ts'
import type { Db } from './client.ts'
import type { JsonObject } from './contract.ts'

export interface WorkflowRow {
  name: string
  version: string
  displayName: string | null
  displayNames: JsonObject | null
  steps: readonly object[]
  inputSchema: object | null
  options: object
}

/** Registers a workflow; with `takeCurrent` it becomes the current version even if another was registered later. */
export async function registerWorkflow(db: Db, row: WorkflowRow, takeCurrent: boolean): Promise<void> {
  await call(db, 'select stepcast.register_workflow($1, $2, $3, $4, $5, $6, $7, $8)', [
    row.name,
    row.version,
    row.displayName,
    row.displayNames,
    JSON.stringify(row.steps),
    row.inputSchema,
    row.options,
    takeCurrent,
  ])
}
