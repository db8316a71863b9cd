import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Ctx } from './service.ts'

const tracer = trace.getTracer('stepcast')

/** W3C Trace Context. */
interface Headers {
  traceparent?: string
  tracestate?: string
}

/**
 * Starts a run within a span: below the application's own span, or below the caller's that the request names, or in a
 * new trace. The run stores the trace context for its own spans. Without an OpenTelemetry SDK here, that is the
 * caller's.
 */
export async function traced<T extends { id: string; created: boolean }>(
  ctx: Ctx,
  workflow: string,
  start: (headers: Headers) => Promise<T>,
): Promise<T> {
  const parent = trace.getActiveSpan() ? context.active() : propagation.extract(context.active(), ctx.headers)
  const attributes = { 'stepcast.workflow': workflow, 'stepcast.tenant': ctx.state.principal.tenant }
  const span = tracer.startSpan(`start ${workflow}`, { kind: SpanKind.PRODUCER, attributes }, parent)
  const below = trace.setSpan(parent, span)
  const headers: Headers = {}
  propagation.inject(below, headers)
  try {
    const started = await context.with(below, () => start(headers.traceparent ? headers : given(ctx)))
    span.setAttributes({ 'stepcast.run': started.id, 'stepcast.created': started.created })
    return started
  } catch (error) {
    span.recordException(error as Error)
    span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message })
    throw error
  } finally {
    span.end()
  }
}

function given(ctx: Ctx): Headers {
  return { traceparent: ctx.get('traceparent'), tracestate: ctx.get('tracestate') }
}
