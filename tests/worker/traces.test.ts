import assert from 'node:assert/strict'
import { test } from 'node:test'
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { startServer } from '../../server/start.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { finished } from '../support/wait.ts'

const exporter = new InMemorySpanExporter()
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
propagation.setGlobalPropagator(new W3CTraceContextPropagator())

const db = await useDatabase()
const own = trace.getTracer('the application')

const flow = workflow('traced')
  .step('first', async (ctx) => {
    await ctx.substep('part', () => own.startActiveSpan('deep inside', (span) => span.end()))
  })
  .step('flaky', { retry: { attempts: 2, delay: '10ms' } }, (ctx) => {
    if (ctx.attempt === 1) throw new TypeError('not the first time')
  })
  .onEnd(() => own.startActiveSpan('at the end', (span) => span.end()))

/** Whatever ended in `work`, once the worker has been stopped. */
async function spansOf(work: () => Promise<string>): Promise<{ id: string; spans: ReadableSpan[] }> {
  exporter.reset()
  const worker = await startWorker({ workflows: [flow], databaseUrl: db.url })
  const id = await work()
  await finished(db.url, id)
  await worker.stop()
  return { id, spans: exporter.getFinishedSpans() }
}

const named = (spans: ReadableSpan[], name: string) => spans.filter((span) => span.name === name)
function only(spans: ReadableSpan[], name: string): ReadableSpan {
  const [span, ...others] = named(spans, name)
  assert.ok(span && others.length === 0, `one span “${name}” among ${spans.map((each) => each.name)}`)
  return span
}
const isBelow = (span: ReadableSpan, parent: ReadableSpan) => {
  assert.equal(span.spanContext().traceId, parent.spanContext().traceId)
  assert.equal(span.parentSpanContext?.spanId, parent.spanContext().spanId, `${span.name} is below ${parent.name}`)
}

async function post(url: string, headers: Record<string, string>, key?: string): Promise<string> {
  const response = await fetch(`${url}/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ workflow: 'traced', key }),
  })
  assert.equal(response.status, 201)
  return ((await response.json()) as { run: { id: string } }).run.id
}

const CALLER = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' }

test('a trace goes from the caller through the start and the run to steps, sub-steps and what handlers do', async () => {
  await using server = await startServer({ databaseUrl: db.url, port: 0 })
  const { id, spans } = await spansOf(() =>
    post(server.url, { traceparent: `00-${CALLER.trace}-${CALLER.span}-01`, tracestate: 'vendor=1' }),
  )
  const start = only(spans, 'start traced')
  // The wait for a retry may give the run back: whoever claims it then has a span of its own.
  const claims = named(spans, 'run traced')
  const [run] = claims
  assert.ok(run)
  const first = only(spans, 'step first')
  const part = only(spans, 'sub-step of first')
  assert.equal(start.spanContext().traceId, CALLER.trace)
  assert.equal(start.parentSpanContext?.spanId, CALLER.span)
  for (const claim of claims) isBelow(claim, start)
  isBelow(first, run)
  isBelow(part, first)
  isBelow(only(spans, 'deep inside'), part)
  isBelow(only(spans, 'at the end'), claims.at(-1) as ReadableSpan)
  assert.equal(start.kind, SpanKind.PRODUCER)
  assert.equal(run.kind, SpanKind.CONSUMER)
  assert.equal(run.spanContext().traceState?.get('vendor'), '1')
  assert.equal(start.attributes['stepcast.run'], id)
  const { 'stepcast.worker': _, ...attributes } = run.attributes
  assert.deepEqual(attributes, { 'stepcast.run': id, 'stepcast.workflow': 'traced', 'stepcast.tenant': 'default' })
  assert.equal(part.attributes['stepcast.step'], 'first/part')
})

test('each try has a span, and one that failed says why', async () => {
  await using server = await startServer({ databaseUrl: db.url, port: 0 })
  const { spans } = await spansOf(() => post(server.url, {}))
  const tries = named(spans, 'step flaky')
  assert.deepEqual(
    tries.map(({ attributes }) => [attributes['stepcast.attempt'], attributes['stepcast.outcome']]),
    [
      [1, 'failed'],
      [2, 'completed'],
    ],
  )
  const [failed] = tries
  assert.deepEqual(failed?.status, { code: SpanStatusCode.ERROR, message: 'not the first time' })
  assert.equal(failed?.attributes['error.type'], 'TypeError')
  assert.equal(failed?.events[0]?.attributes?.['exception.message'], 'not the first time')
  const start = only(spans, 'start traced')
  assert.equal(start.parentSpanContext, undefined, 'it begins a trace')
  for (const span of spans) assert.equal(span.spanContext().traceId, start.spanContext().traceId)
})

test('from SQL, a run belongs to the trace that the session has named; to one of its own where it has not', async () => {
  const startBy = (traceparent: string) => async () => {
    const client = await db.pool.connect()
    await client.query('begin')
    await client.query("select set_config('stepcast.traceparent', $1, true)", [traceparent])
    const { rows } = await client.query<{ id: string }>("select stepcast.start_run('traced') as id")
    await client.query('commit')
    client.release()
    return rows[0]?.id ?? ''
  }
  const within = await spansOf(startBy(`00-${CALLER.trace}-${CALLER.span}-01`))
  assert.equal(named(within.spans, 'run traced')[0]?.parentSpanContext?.spanId, CALLER.span)
  for (const nonsense of ['', 'nonsense', `00-${CALLER.trace}-${CALLER.span}-01; drop table`]) {
    const alone = await spansOf(startBy(nonsense))
    const [run] = named(alone.spans, 'run traced')
    assert.ok(run)
    assert.equal(run.parentSpanContext, undefined)
  }
})

test('a server without an SDK passes on what its caller says', async () => {
  propagation.disable()
  try {
    await using server = await startServer({ databaseUrl: db.url, port: 0 })
    const traceparent = `00-${CALLER.trace}-${CALLER.span}-01`
    // Runs with a key start alone, the others in batches.
    for (const key of [undefined, 'its own']) {
      const id = await post(server.url, { traceparent, tracestate: 'vendor=1' }, key)
      const kept = await db.rows('select traceparent, tracestate from stepcast.runs where id = $1', [id])
      assert.deepEqual(kept, [{ traceparent, tracestate: 'vendor=1' }])
    }
  } finally {
    propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  }
})
