import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import type { Db } from '../db/client.ts'
import type { Workflow } from '../worker/workflow.ts'
import { misuse } from './failure.ts'

/** The run that `stepcast dev` starts as a demo. */
export interface Demo {
  workflow: string
  input: () => unknown
}

/** The exports of a stepcast.config.ts: its workflows, and, only for `stepcast dev`, a demo run and its setup. */
export interface Config {
  workflows: Workflow[]
  demo?: Demo
  setup?: (db: Db) => Promise<void>
}

/** Loads `file`: every export counts that is a workflow or an array of workflows. */
export async function loadConfig(file: string): Promise<Config> {
  const path = resolve(file)
  await access(path).catch(() => {
    throw misuse(`There is no ${path}. Write one that exports your workflows, or name yours: --workflows FILE`)
  })
  const { demo, setup, ...exported } = await import(pathToFileURL(path).href).catch((cause) => {
    throw misuse(`${path} could not be loaded: ${inspect(cause)}`)
  })
  const workflows = [...new Set(Object.values(exported).flat())].filter(isWorkflow)
  if (workflows.length === 0) throw misuse(`${path} exports no workflow. Export what workflow(…) returns.`)
  return { workflows, ...(demo && { demo }), ...(setup && { setup }) }
}

/**
 * Also accepts workflows of another copy of the package, such as the application's beside one that is installed
 * globally.
 */
function isWorkflow(value: unknown): value is Workflow {
  return Array.isArray((value as Workflow | null | undefined)?.definition?.steps)
}
