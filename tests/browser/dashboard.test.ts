import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { type StepcastServer, startServer } from '../../server/start.ts'
import { SECRET, sign } from '../server/tokens.ts'
import { launchBrowser } from '../support/browser.ts'
import { useDatabase } from '../support/fixture.ts'

const db = await useDatabase()
const browser = await launchBrowser()
const server: StepcastServer = await startServer({
  databaseUrl: db.url,
  port: 0,
  pollMs: 500,
  assets: join(import.meta.dirname, '../../dist'),
  jwt: { secret: SECRET },
})
after(async () => {
  await browser.close()
  await server.stop()
})

const schema = {
  type: 'object',
  required: ['path'],
  properties: { path: { type: 'string', title: 'Path', minLength: 3 }, rows: { type: 'integer', title: 'Rows' } },
}
await db.rows(
  `insert into stepcast.workflows (name, version, display_name, steps, input_schema, current)
   values ('import_file', '1', 'Importing “{path}”', '[{"step": "parse", "displayName": "Parse"}, {"step": "load", "displayName": "Load rows"}]', $1, true)`,
  [JSON.stringify(schema)],
)
const open = (key: string) => db.value<string>(`select stepcast.open_run('backup', '["copy"]', $1)`, [key])

/** A browser that has never been here, at a page, as somebody who may do so much. */
async function enter(path: string, actions?: string[]): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  page.on('pageerror', (error) => assert.fail(`the page threw: ${error}`))
  await page.goto(server.url + path)
  await page.getByLabel('Token').fill(await sign({ sub: 'ann', tenant: 'default', ...(actions && { actions }) }))
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Forget token' }).waitFor()
  return page
}

test('a run is started by its form, its complaints answered at their fields, and shown as it goes in the list', async () => {
  const page = await enter('/start/view', ['run:start', 'run:read', 'run:debug'])
  await page.getByLabel('Path').fill('ab')
  await page.getByLabel('Rows').fill('1.5')
  await page.getByLabel('Key').fill('customers')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await page.locator('[id="input.path-error"]').waitFor()
  await page.locator('[id="input.rows-error"]').waitFor()
  await page.getByLabel('Path').fill('customers.csv')
  await page.getByLabel('Rows').fill('10')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await page.getByRole('heading', { name: 'Importing “customers.csv”' }).last().waitFor()
  const [run] = await db.rows<{ id: string; input: unknown }>(
    `select id, input from stepcast.runs where key = 'customers'`,
  )
  assert.deepEqual(run?.input, { path: 'customers.csv', rows: 10 })
  await page.getByRole('link', { name: 'Run again with this input' }).click()
  await page.getByText('Filled in').waitFor()
  assert.equal(await page.getByLabel('Path').inputValue(), 'customers.csv')
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  await page.locator(`[data-run="${run?.id}"]`).getByText('Waiting', { exact: true }).waitFor()
  await page.context().close()
})

test('the list is live, is filtered and searched by the server, and many are cancelled at once', async () => {
  const ids = [await open('alpha-1'), await open('alpha-2'), await open('beta-1')]
  const page = await enter('/?q=alpha-')
  const row = (number: number) => page.locator(`[data-run="${ids[number]}"]`)
  await row(0).waitFor()
  assert.equal(await page.locator('.row').count(), 2)
  await db.rows("select stepcast.begin_step($1, 'copy')", [ids[0]])
  await db.rows("select stepcast.report_step($1, 'copy', 40, '4 of 10 files')", [ids[0]])
  await row(0).getByText('Step 1 of 1 · 4 of 10 files').waitFor()
  await page.getByRole('checkbox', { name: 'Select all shown' }).check()
  // one ends before the reader has answered
  await db.rows("select stepcast.fail_step($1, 'copy', 'no space')", [ids[0]])
  await page.getByRole('button', { name: /^Cancel \d/ }).click()
  await page.locator('.bulk .danger').click()
  await page.locator('.outcome').waitFor()
  const statuses = await db.rows('select status from stepcast.runs where id = any ($1) order by id', [ids])
  assert.deepEqual(
    statuses.map(({ status }) => status),
    ['failed', 'cancelled', 'pending'],
  )
  await page.context().close()
})

test('who may not do a thing is told what is missing', async () => {
  const page = await enter('/', ['run:start'])
  await page.getByText('You do not have the right run:read here.').waitFor()
  await page.context().close()
})
