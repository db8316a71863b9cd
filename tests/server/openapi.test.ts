import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import Router from '@koa/router'
import { Validator } from '@seriousme/openapi-schema-validator'
import { makeDocument } from '../../server/openapi/document.ts'
import { OPERATIONS } from '../../server/openapi/operations.ts'
import { answers } from '../../server/openapi/schemas.ts'
import { addRoutes } from '../../server/routes.ts'
import type { Service, State } from '../../server/service.ts'
import { ask, type Bench, openBench } from './bench.ts'
import { TestStream } from './stream.ts'

let bench: Bench
before(async () => {
  bench = await openBench()
})
after(() => bench[Symbol.asyncDispose]())

test('no route is forgotten, and none is described that is not there', () => {
  const router = new Router<State>()
  addRoutes(router, { assets: '' } as Service)
  const routes = router.stack.flatMap(({ path, methods }) =>
    methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${path}`),
  )
  assert.deepEqual(Object.keys(OPERATIONS).sort(), routes.sort())
})

test('the document is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(makeDocument('/stepcast'))
  assert.equal(valid, true, JSON.stringify(errors, null, 1))
})

test('a stream that resumes names the header that says from where, and one of a key does not', () => {
  const paths = makeDocument().paths as Record<string, { get?: { parameters?: { in: string; name: string }[] } }>
  const named = Object.entries(paths).flatMap(([path, { get }]) =>
    (get?.parameters ?? []).filter((each) => each.in === 'header').map(({ name }) => [path, name]),
  )
  assert.deepEqual(named, [['/runs/{id}/events', 'Last-Event-ID']])
})

test('a parameter that is a number is described as one', () => {
  const paths = makeDocument().paths as Record<string, { get?: { parameters?: { name: string; schema: object }[] } }>
  const parameters = Object.values(paths).flatMap(({ get }) => get?.parameters ?? [])
  const described = (wanted: string) => parameters.filter(({ name }) => name === wanted).map(({ schema }) => schema)
  const description = 'From 1 to 200; 50 where nothing is said'
  assert.deepEqual(described('limit'), [{ description, type: 'integer', minimum: 1, maximum: 200 }])
  const places = described('after').slice(1)
  assert.equal(places.length, 4)
  for (const place of places) assert.deepEqual(place, { type: 'integer', minimum: 0 })
})

test('what it refers to is there', () => {
  const text = JSON.stringify(makeDocument())
  const { schemas } = makeDocument().components as { schemas: object }
  const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name = '']) => name)
  assert.ok(names.length > 30)
  assert.deepEqual(
    names.filter((name) => !(name in schemas)),
    [],
  )
})

test('answers are what their schemas say, and nothing more', async () => {
  const run = await bench.openRun({ steps: ['load', 'index'], key: 'a' })
  await bench.sql("select stepcast.begin_step($1, 'load')", run)
  await bench.sql("select stepcast.report_step($1, 'load', 40, 'Table 4', '{\"current\": 4}')", run)
  await bench.sql("select stepcast.log_line($1, 'load', 'info', 'hello')", run)
  await bench.sql("select stepcast.fail_step($1, 'load', 'no', 'at load')", run)
  const get = async (path: string) => (await ask(`${bench.url}${path}`)).body
  answers.runDetails.parse(await get(`/runs/${run}`))
  answers.runDetails.parse(await get('/workflows/import/keys/a'))
  answers.journalPage.parse(await get(`/runs/${run}/journal`))
  answers.runPage.parse(await get('/runs'))
  answers.workflows.parse(await get('/workflows'))
  answers.stuckRuns.parse(await get('/stuck'))
  answers.health.parse(await get('/readyz'))
  answers.problem.parse(await get('/runs/none'))
  const lines = await get(`/runs/${run}/logs`)
  answers.logLine.parse(typeof lines === 'string' ? JSON.parse(lines.trim()) : lines)
  const stats = answers.stats.parse(await get('/stats'))
  assert.equal(stats.workflows[0]?.workflow, 'import')
  answers.runningStats.parse(await get('/stats/running'))
  answers.durations.parse(await get('/stats/durations?workflow=import'))
})

test('events are what their schemas say, of a run by itself and in a list', async () => {
  const schemas = { snapshot: answers.snapshot, patch: answers.patch, log: answers.logBatch, end: answers.end }
  const run = await bench.openRun({ key: 'events' })
  const stream = await TestStream.ofMany(bench.url, [{ run }, {}], '?logs=1')
  await stream.named('snapshot')
  await bench.sql("select stepcast.begin_step($1, 'load')", run)
  await bench.sql("select stepcast.log_line($1, 'load', 'info', 'hello')", run)
  await stream.named('log')
  await bench.sql("select stepcast.complete_step($1, 'load')", run)
  await bench.sql('select stepcast.finish_run($1)', run)
  await stream.named('end')
  stream.close()
  for (const { name, data } of stream.events) schemas[name as keyof typeof schemas].parse(data)
  assert.deepEqual([...new Set(stream.events.map(({ name }) => name))].sort(), Object.keys(schemas).sort())
})

test('the page shows every route, without script and under the policy of pages', async () => {
  const { headers, body } = await ask(`${bench.url}/docs`)
  assert.match(headers.get('content-type') ?? '', /^text\/html/)
  assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'/)
  assert.doesNotMatch(body, /<script|style=/)
  for (const name of Object.keys(OPERATIONS)) {
    const [method, path = ''] = name.split(' ')
    assert.ok(
      body.includes(`<span class="method">${method}</span> <code>${path.replace(/:(\w+)/g, '{$1}')}</code>`),
      name,
    )
  }
})

test('the document says where the server is mounted', async () => {
  const { body } = await ask(`${bench.url}/openapi.json`)
  assert.deepEqual(body.servers, [{ url: '.' }])
  assert.equal(body.openapi, '3.1.0')
})
