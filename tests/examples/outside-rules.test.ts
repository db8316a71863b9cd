import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { startRun } from '../../db/runs.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { findPsql, findPython } from '../support/programs.ts'

type Raised = [code: string, message: string, hint: string]

const db = await useDatabase()
const psql = await findPsql()
const python = await findPython()
const open = (steps = '["dump", "upload"]', rest = '') =>
  db.value<string>(`select stepcast.open_run('b', $1${rest})`, [steps])

// A run at each stage: not begun, at its first step, finished; and one that a worker drives.
const [fresh, begun, ended] = [await open(), await open(), await open('["dump"]')]
await db.rows("select stepcast.begin_step(run, 'dump') from unnest($1::uuid[]) run", [[begun, ended]])
await db.rows("select stepcast.complete_step($1, 'dump'), stepcast.finish_run($1)", [ended])
await open('["dump"]', ", key => 'k'")
const nowhere = '00000000-0000-7000-8000-000000000000'
await registerWorkflows(db.pool, [workflow('driven').step('dump', () => {})])
const { id: driven } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'driven', input: {} })
const keyed = await db.value<string>("select id from stepcast.runs where key = 'k'")

const RETRY = 'stepcast.retry_run sets a finished run back.'

/** What breaks a rule, and what whoever says it is told. */
const BREAKS: [call: string, ...raised: Raised][] = [
  [`begin_step('${nowhere}', 'dump')`, 'SC002', `there is no run ${nowhere}`, 'stepcast.runs lists the runs.'],
  [`begin_step('${fresh}', 'restore')`, 'SC003', `run ${fresh} has no step restore`, 'Its steps are: dump, upload.'],
  [
    `begin_step('${fresh}', 'dump/table')`,
    'SC004',
    'sub-step dump/table cannot begin: its step is pending',
    'Begin the step first.',
  ],
  [
    `report_step('${fresh}', 'dump', 10)`,
    'SC004',
    `step dump of run ${fresh} is pending`,
    'Call stepcast.begin_step first.',
  ],
  [
    `report_step('${driven}', 'dump', 10)`,
    'SC004',
    `step dump of run ${driven} is pending`,
    'Only a running step reports.',
  ],
  [
    `complete_step('${fresh}', 'dump')`,
    'SC004',
    `step dump of run ${fresh} is pending`,
    'Call stepcast.begin_step first.',
  ],
  [
    `fail_step('${fresh}', 'dump', 'no')`,
    'SC004',
    `step dump of run ${fresh} is pending`,
    'Call stepcast.begin_step first.',
  ],
  [
    `finish_run('${fresh}')`,
    'SC004',
    `run ${fresh} still has unfinished steps: dump, upload`,
    'Complete or skip them first.',
  ],
  [
    `begin_step('${begun}', 'dump')`,
    'SC004',
    `step dump of run ${begun} is running already`,
    'Report each change of status once.',
  ],
  [`skip_step('${ended}', 'dump')`, 'SC004', `run ${ended} is completed`, RETRY],
  [`report_step('${ended}', 'dump', 10)`, 'SC004', `run ${ended} is completed`, RETRY],
  [`complete_step('${ended}', 'dump')`, 'SC004', `run ${ended} is completed`, RETRY],
  [`finish_run('${ended}')`, 'SC004', `run ${ended} is completed`, RETRY],
  [
    `begin_step('${driven}', 'dump')`,
    'SC004',
    `run ${driven} is driven by a worker`,
    'The step functions are for runs made by stepcast.open_run; to act on this one use cancel_run, retry_run or a plain update of stepcast.steps.',
  ],
  [
    `report_step('${begun}', 'dump', 101)`,
    'SC006',
    'progress of step dump must be from 0 to 100, not 101',
    'Write an integer from 0 to 100.',
  ],
  [
    `report_step('${begun}', 'dump', -1)`,
    'SC006',
    'progress of step dump must be from 0 to 100, not -1',
    'Write an integer from 0 to 100.',
  ],
  [
    `report_step('${begun}', 'dump', 1, null, '[1]')`,
    'SC006',
    'metadata of step dump must be a JSON object, not array',
    'Wrap it: {"value": …}.',
  ],
  [
    `log_line('${begun}', 'dump', 'fatal', 'no')`,
    'SC006',
    'there is no log level fatal',
    'Levels are debug, info, warn, error.',
  ],
  [
    `open_run('b', '{"step": "dump"}')`,
    'SC006',
    'steps must be a JSON array, not object',
    'Write ["download", "resize"], or objects with at least {"step": …}.',
  ],
  [
    `open_run('b', '["dump", {"weight": 2}]')`,
    'SC006',
    'a step has no name',
    'Each element is a name or an object with a “step”.',
  ],
  [`open_run('b', '["dump", "dump"]')`, 'SC006', 'step dump is listed twice', 'Give each step a name of its own.'],
  [
    `open_run('b', '[{"step": "dump", "weight": 0}]')`,
    'SC006',
    'weight of step dump must be a number above 0, up to 1e15, not 0',
    'Leave it out for 1.',
  ],
  [
    `open_run('b', '[{"step": "dump", "display_name": "Dump"}]')`,
    'SC006',
    'step dump has an unknown member “display_name”',
    'Known are step, displayName, displayNames, weight, substeps, stuckAfter.',
  ],
  [
    `open_run('b', '[{"step": "dump", "displayNames": "Dump"}]')`,
    'SC006',
    'displayNames of step dump must be a JSON object, not string',
    'Write a text by language, such as {"en": "Copying", "zh-CN": "正在复制"}, or null.',
  ],
  [
    `open_run('b', '[{"step": "dump", "displayName": {"en": "Dump"}}]')`,
    'SC006',
    'displayName of step dump must be a string, not object',
    'Write one text; a text by language is displayNames.',
  ],
  [
    `open_run('b', '[{"step": "dump", "substeps": ["table", {"step": "table"}]}]')`,
    'SC006',
    'sub-step table of step dump is listed twice',
    'Give each sub-step a name of its own.',
  ],
  [
    `open_run('b', '["upload"]', key => 'k')`,
    'SC007',
    `key k of workflow b belongs to run ${keyed}, which is driven otherwise or has other steps`,
    'Use another key.',
  ],
]

const raised = BREAKS.map(([, ...raised]) => raised)
const statements = BREAKS.map(([call]) => `select stepcast.${call}`)

/** As psql prints an error when it is to print its code too. */
function raisedInPsql(statement: string): Raised {
  const flags = ['-X', '-v', 'VERBOSITY=verbose', '-v', 'SHOW_CONTEXT=never', '-c', statement]
  const { stderr } = spawnSync(psql, [db.url, ...flags], { encoding: 'utf8' })
  const [, code = '', message = '', hint = ''] = /ERROR:\s+(\w{5}): (.*)\nHINT:\s+(.*)/.exec(stderr) ?? []
  return [code, message, hint]
}

test('whoever breaks a rule in psql reads what was wrong, what was seen and what to do', () => {
  assert.deepEqual(statements.map(raisedInPsql), raised)
})

test('whoever breaks a rule in Python catches the same code, message and hint', () => {
  const input = JSON.stringify(statements)
  const env = { ...process.env, DATABASE_URL: db.url }
  const script = join(import.meta.dirname, 'break-rules.py')
  const output = execFileSync(python, [script], { input, env, encoding: 'utf8' })
  assert.deepEqual(JSON.parse(output), raised)
})

test('nothing that was refused has changed anything', async () => {
  const runs = await db.rows('select status from stepcast.runs where id = any($1) order by id', [[fresh, begun, ended]])
  assert.deepEqual(
    runs.map(({ status }) => status),
    ['pending', 'running', 'completed'],
  )
})
