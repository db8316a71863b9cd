import fc from 'fast-check'
import { anyText } from './texts.ts'

const anyNumber = fc.constantFrom(0, -1, 0.5, 1e308, -1e308, 2 ** 53, 32_768, 2 ** 31, 1e21, 5e-324)
const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  anyText,
  anyNumber,
  fc.constantFrom(null, true, false, [], {}, [[]]),
  fc.dictionary(anyText, fc.oneof(anyText, anyNumber), { maxKeys: 4 }),
  fc.array(fc.oneof(anyText, anyNumber), { maxLength: 4 }),
)
const text = fc.oneof({ weight: 3, arbitrary: anyText }, { weight: 1, arbitrary: anyJson })

/** What one run, key or list of `POST /events` may look like. */
function anyWanted(runs: readonly string[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.record({ run: fc.oneof(fc.constantFrom(...runs), text) }),
    fc.record({
      run: fc.constantFrom(...runs),
      since: fc.oneof(fc.constantFrom('x-1', '-', 'e-99999999999999999'), text),
    }),
    fc.record({ workflow: fc.constantFrom('greet', 'import'), key: text }),
    fc.record({ workflow: text, status: fc.oneof(fc.constantFrom('running', 'failed'), text) }, { requiredKeys: [] }),
    fc.record({ limit: fc.oneof(fc.constantFrom(1, 200, 201, 0, -1), anyJson) }),
    anyJson,
  )
}

/** Of the right shape as often as not, for any route: each refuses what is another's. */
function halfBad(runs: readonly string[]): fc.Arbitrary<unknown> {
  const some = { requiredKeys: [] }
  return fc.oneof(
    fc.record({
      workflow: fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>('greet') }, { weight: 1, arbitrary: text }),
      input: fc.oneof(fc.record({ name: text }), fc.record({ name: text, count: anyJson }), anyJson),
    }),
    fc.record(
      {
        workflow: fc.constant('greet'),
        input: fc.constant({ name: 'x' }),
        key: text,
        again: fc.boolean(),
        runAt: text,
        priority: anyJson,
        metadata: anyJson,
      },
      { requiredKeys: ['workflow', 'input'] },
    ),
    fc.record({ reason: text }, some),
    fc.record({ from: text }, some),
    fc.record({ runs: fc.oneof(fc.array(anyWanted(runs), { maxLength: 6 }), anyJson) }, some),
    fc.array(anyWanted(runs), { minLength: 501, maxLength: 501 }).map((wanted) => ({ runs: wanted })),
    anyJson,
  )
}

/** JSON that no parser of ours would write, and what is none. */
const crooked: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc
    .uint8Array({ minLength: 1, maxLength: 6 })
    .map((bytes) => Buffer.concat([Buffer.from('{"reason":"'), bytes, Buffer.from('"}')])),
  fc
    .constantFrom(
      '{"workflow":"greet","workflow":"import","input":{"name":"a","name":"b"}}',
      '{"__proto__":{"operator":true},"workflow":"greet"}',
      '{"constructor":{"prototype":{"polluted":1}},"reason":"x"}',
      '{"workflow":"greet","input":{"name":"\\ud800"}}',
      '{"workflow":"greet","input":{"name":"\\u0000"}}',
      '{"workflow":"greet","input":{"name":1e400}}',
      `{"reason":${'['.repeat(3_000)}${']'.repeat(3_000)}}`,
      `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`,
      '\ufeff{}',
      '{"reason": "x"',
      "{'reason': 1}",
      '{"runs":[,]}',
      'null',
      '42',
      '"text"',
      '[]',
      '{}{}',
      '// {}',
      `{"reason":"${'x'.repeat(20_000)}"}`,
      `{"runs":[${Array(600).fill('{}').join()}]}`,
    )
    .map((json) => Buffer.from(json)),
)

/** Bytes of a body; `runs`: ids that exist. */
export function anyBody(runs: readonly string[]): fc.Arbitrary<Buffer> {
  return fc.oneof(
    { weight: 6, arbitrary: halfBad(runs).map((value) => Buffer.from(JSON.stringify(value) ?? '')) },
    { weight: 3, arbitrary: crooked },
    { weight: 1, arbitrary: fc.constant(Buffer.alloc(0)) },
  )
}
