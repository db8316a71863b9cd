import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { type Fields, fieldReader } from '../../client/fields.ts'

function read(pieces: string[]): Fields[] {
  const all: Fields[] = []
  const feed = fieldReader((fields) => all.push(fields))
  for (const piece of pieces) feed(piece)
  return all
}

/** The text in two pieces, in every way. */
const cuts = (text: string) => Array.from(text, (_, at) => [text.slice(0, at), text.slice(at)])

test('events, comments and a wait are read, wherever they are cut', () => {
  const stream = 'retry: 2500\n\n: ready\n\nid: e1-3\nevent: patch\ndata: {"a":":b: "}\n\nid: half'
  const expected = [{ retry: '2500' }, { '': 'ready' }, { id: 'e1-3', event: 'patch', data: '{"a":":b: "}' }]
  for (const pieces of cuts(stream)) assert.deepEqual(read(pieces), expected)
})

test('line ends of two characters are understood, as something between may write them', () => {
  assert.deepEqual(read(['event: end\r\ndata: {}\r', '\n\r\n', ': ready\r\n\r\n']), [
    { event: 'end', data: '{}' },
    { '': 'ready' },
  ])
})

test('whatever the server says in JSON, cut wherever: it reads what eventsource-parser reads', () => {
  const one = fc.record({
    id: fc.stringMatching(/^[\w-]{1,9}$/),
    event: fc.stringMatching(/^\w{1,9}$/),
    data: fc.json(),
  })
  fc.assert(
    fc.property(fc.array(one), fc.array(fc.nat(), { maxLength: 9 }), (events, places) => {
      const text = events.map(({ id, event, data }) => `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`).join('')
      const at = [0, ...places.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length]
      const pieces = at.slice(1).map((end, index) => text.slice(at[index], end))
      const expected: object[] = []
      const parser = createParser({ onEvent: ({ id, event, data }) => expected.push({ id, event, data }) })
      for (const piece of pieces) parser.feed(piece)
      assert.deepEqual(read(pieces), expected)
    }),
  )
})
