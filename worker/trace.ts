import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import type { Failure, RunInfo, StepInfo, TraceContext } from '../db/engine.ts'
import { kindOf } from './failure.ts'

const tracer = trace.getTracer('stepcast')

/**
 * A span of a run, a step or a sub-step. Without an OpenTelemetry SDK in the application there is no span, and this
 * costs next to nothing.
 */
export class Trace {
  readonly #span: Span
  readonly #context: Context

  private constructor(name: string, parent: Context, kind: SpanKind, attributes: Attributes) {
    this.#span = tracer.startSpan(name, { kind, attributes }, parent)
    this.#context = isSpanContextValid(this.#span.spanContext()) ? trace.setSpan(parent, this.#span) : parent
  }

  /** One claim of a run, under the span that started the run; without one it begins a trace. */
  static ofRun(run: RunInfo, started: TraceContext, worker: string): Trace {
    const parent = started.traceparent ? propagation.extract(ROOT_CONTEXT, withoutNulls(started)) : ROOT_CONTEXT
    return new Trace(`run ${run.workflow}`, parent, SpanKind.CONSUMER, {
      ...attributesOf(run),
      'stepcast.worker': worker,
    })
  }

  /**
   * An attempt. `names`: its name, preceded by those of its parents. A span is not named after a sub-step: there may be
   * many.
   */
  step(run: RunInfo, { attempt }: StepInfo, names: readonly string[]): Trace {
    const name = names.length === 1 ? `step ${names[0]}` : `sub-step of ${names[0]}`
    const attributes = { ...attributesOf(run), 'stepcast.step': names.join('/'), 'stepcast.attempt': attempt }
    return new Trace(name, this.#context, SpanKind.INTERNAL, attributes)
  }

  /** Calls a function that may make spans of its own, below this one. */
  within<T>(work: () => T): T {
    return context.with(this.#context, work)
  }

  /** `thrown`, described without its secrets. */
  fail(thrown: unknown, { message, stack }: Failure): void {
    if (!this.#span.isRecording()) return
    const type = kindOf(thrown)
    this.#span.recordException({ name: type, message, ...(stack !== null && { stack }) })
    this.#span.setAttribute('error.type', type)
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message })
  }

  end(outcome?: string): void {
    if (outcome !== undefined) this.#span.setAttribute('stepcast.outcome', outcome)
    this.#span.end()
  }
}

function attributesOf({ id, workflow, tenant }: RunInfo): Attributes {
  return { 'stepcast.run': id, 'stepcast.workflow': workflow, 'stepcast.tenant': tenant }
}

function withoutNulls(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}
