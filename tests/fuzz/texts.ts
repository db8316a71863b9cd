import fc from 'fast-check'

/** Texts that something along the way may take for more than text. */
const STRANGE = [
  '',
  '0',
  '-1',
  'null',
  'undefined',
  '[object Object]',
  '__proto__',
  'constructor',
  'x'.repeat(1_001),
  'x'.repeat(5_000),
  "'; drop table stepcast.runs; --",
  "' or 1=1 --",
  '$1',
  '%s%n',
  '#{7*7}{{7*7}}',
  '<script>alert(1)</script>',
  '../../../etc/passwd',
  '..\\..',
  '\u202egnp.exe',
  '\u200b\u2028\ufeff',
  '🦊',
  '\u001b[31m',
  '\r\nSet-Cookie: a=b',
  '1e309',
  '9007199254740993',
  '99999999999999999999',
  '2026-01-01',
  '2026-13-45T99:99:99Z',
  '+292278994-08-17T07:12:55.807Z',
  '0001-01-01T00:00:00Z',
  'infinity',
  'NaN',
]

/** As JSON or a percent-encoded query can say it: NULs and lone surrogates too. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...STRANGE, 'a\0b', '\ud800', '\udc00x') },
  // Not fc.string with units of its own: it makes a table of all there are first, which takes a second.
  { weight: 1, arbitrary: fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 40 }).map(textOf) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
)

function textOf(points: number[]): string {
  return String.fromCodePoint(...points)
}

/** For a path or a query, percent-encoded well, badly, twice or not at all. */
export const encodedText: fc.Arbitrary<string> = fc.oneof(
  anyText.map((text) => encodeURIComponent(text.toWellFormed())),
  anyText.map((text) => encodeURIComponent(encodeURIComponent(text.toWellFormed()))),
  fc
    .uint8Array({ maxLength: 12 })
    .map((bytes) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')),
  fc.constantFrom(
    '%',
    '%zz',
    '%f',
    '%00',
    '%c0%ae',
    '%ff',
    '%ed%a0%80',
    '%2f',
    '%2F..%2F',
    '..',
    '.',
    '%2e%2e',
    ';a=b',
    '%25',
    '+',
    '*',
    '{x}',
    '"',
  ),
)

/** What may stand in the text of a header: no line ends, for then it would be another one. */
export const headerText: fc.Arbitrary<string> = fc.oneof(
  anyText.map((text) => text.replace(/[\r\n]/g, ' ')),
  fc.uint8Array({ maxLength: 30 }).map((bytes) =>
    Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\r\n]/g, ' '),
  ),
)
