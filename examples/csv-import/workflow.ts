import type { StepContext } from 'stepcast'
import { workflow } from 'stepcast'
import { z } from 'zod'
import { inspect } from './inspect.ts'
import { load } from './load.ts'
import { verify } from './verify.ts'

const importInput = z.object({ path: z.string().min(1) })

/** The context of a step of this workflow; `Results` names the results of earlier steps that it uses. */
export type Context<Results extends object = object> = StepContext<z.output<typeof importInput>, Results>

/** Loads a CSV file of any size into a table, chunk by chunk: what has been loaded stays loaded. */
export const csvImport = workflow('csv_import', {
  displayName: { en: 'Importing “{path}”', 'zh-CN': '正在导入 “{path}”' },
  input: importInput,
})
  .step('inspect', { displayName: { en: 'Inspect the file', 'zh-CN': '检查文件' } }, inspect)
  .step('load', { weight: 20, displayName: { en: 'Load rows', 'zh-CN': '加载数据' } }, load)
  .step('verify', { displayName: { en: 'Count rows', 'zh-CN': '核对行数' } }, verify)
