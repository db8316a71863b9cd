import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Draft, draftOf, read, shownOf } from '../../client/page/form/draft.ts'
import { type Field, fieldOf } from '../../client/page/form/fields.ts'
import { SCHEMA } from './workflow-samples.ts'

const whole = fieldOf(SCHEMA) as Field & { kind: 'object' }
const named = (name: string) => whole.fields.find((field) => field.name === name) as Field
const drafted = (changes: Record<string, Draft> = {}): Draft => ({ ...(draftOf(whole) as object), ...changes })

test('each value gets the control that suits it', () => {
  const kinds = whole.fields.map((field) => (field.kind === 'text' ? field.input : field.kind))
  const expected = [
    'text',
    'choice',
    'number',
    'boolean',
    'date',
    'datetime-local',
    'lines',
    'object',
    'list',
    'list',
    'json',
  ]
  assert.deepEqual(kinds, expected)
  assert.deepEqual([named('owner').title, named('owner').required, named('at').required], ['Owner', true, false])
})

test('a choice of constants is a choice, and what refers to itself ends as JSON', () => {
  const { item } = named('environments') as Field & { kind: 'list' }
  const size = item.kind === 'object' ? item.fields[1] : undefined
  assert.deepEqual(size?.kind === 'choice' && size.values, [1, 2])
  const tree = {
    $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    $ref: '#/$defs/node',
  }
  let field: Field | undefined = fieldOf(tree)
  let depth = 0
  for (; field?.kind === 'object'; depth++) field = field.fields[0]
  assert.deepEqual([field?.kind, depth], ['json', 5])
})

test('a text or null is a text that may be missing, whichever way that is said', () => {
  for (const name of [{ type: ['string', 'null'] }, { anyOf: [{ type: 'string' }, { type: 'null' }] }]) {
    const { fields } = fieldOf({ type: 'object', properties: { name }, required: ['name'] }) as typeof whole
    assert.deepEqual(
      fields.map(({ kind, required }) => [kind, required]),
      [['text', false]],
    )
  }
})

test('what may be null and not missing is null where it is left empty, and forces nobody to fill in what is around it', () => {
  const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] })
  const properties = {
    name: orNull({ type: 'string' }),
    count: orNull({ type: 'number' }),
    size: orNull({ enum: ['s', 'm'] }),
    tags: orNull({ type: 'array', items: { type: 'string' } }),
    owner: orNull({ type: 'object', properties: { mail: { type: 'string' } }, required: ['mail'] }),
    isOpen: orNull({ type: 'boolean' }),
  }
  const field = fieldOf({ type: 'object', properties, required: Object.keys(properties) })
  const empty = { name: null, count: null, size: null, tags: null, owner: null, isOpen: false }
  assert.deepEqual(read(field, draftOf(field)), { value: empty, complaints: [] })
  const filledIn = { ...(draftOf(field) as object), name: 'aurora' }
  assert.deepEqual(read(field, filledIn).value, { ...empty, name: 'aurora' })
  const inner = {
    type: 'object',
    properties: { name: properties.name, at: { type: 'string' } },
    required: ['name', 'at'],
  }
  const around = fieldOf({ type: 'object', properties: { inner } })
  assert.deepEqual(read(around, { inner: { name: '', at: '' } }), { value: {}, complaints: [] })
})

test('what is best a number, and else whatever there is, is a number', () => {
  const count = { anyOf: [{ type: 'number' }, {}], description: 'Whole ones' }
  const { fields } = fieldOf({ type: 'object', properties: { count }, required: ['count'] }) as typeof whole
  assert.deepEqual(
    fields.map(({ kind, description, required }) => [kind, description, required]),
    [['number', 'Whole ones', true]],
  )
})

test('a choice within a choice is still one', () => {
  const constants = { anyOf: [{ const: 'a' }, { const: 'b' }] }
  const properties = {
    caught: { anyOf: [constants, {}] },
    nothing: { anyOf: [{ anyOf: [{ enum: ['a', 'b'] }, {}] }, { type: 'null' }] },
    count: { anyOf: [{ anyOf: [{ type: 'number' }, {}] }, { type: 'null' }] },
  }
  const { fields } = fieldOf({ type: 'object', properties }) as typeof whole
  assert.deepEqual(
    fields.map(({ kind }) => kind),
    ['choice', 'choice', 'number'],
  )
})

test('a form begins with the defaults, and empty fields are left out', () => {
  const { value, complaints } = read(
    whole,
    drafted({ name: 'aurora', replicas: '3', owner: { mail: 'a@b.c', team: '' } }),
  )
  assert.deepEqual(value, { name: 'aurora', template: 'web', replicas: 3, public: true, owner: { mail: 'a@b.c' } })
  assert.deepEqual(complaints, [])
})

test('what is needed and what cannot be read is complained of where it stands', () => {
  const wrong = drafted({ replicas: 'three', labels: '{', environments: [{ name: '', size: '0' }] })
  assert.deepEqual(read(whole, wrong).complaints, [
    { path: 'input.name', message: 'required' },
    { path: 'input.replicas', message: 'notNumber' },
    { path: 'input.owner.mail', message: 'required' },
    { path: 'input.environments.0.name', message: 'required' },
    { path: 'input.labels', message: 'notJson' },
  ])
})

test('a text without the form that is wanted is told so where it stands, and a format is left to the server', () => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string', pattern: '^[a-z]+$' },
      mail: { type: 'string', format: 'email', pattern: '@' },
      odd: { type: 'string', pattern: '(' },
    },
  }
  const { complaints } = read(fieldOf(schema), { name: 'Aurora', mail: 'none', odd: 'x' })
  assert.deepEqual(complaints, [{ path: 'input.name', message: 'notPattern' }])
})

test('a box that was ticked by default can be unticked', () => {
  const { value } = read(named('public'), false)
  assert.equal(value, false)
  assert.equal(read({ ...named('public'), initial: undefined, required: false }, false).value, undefined)
})

test('whatever input fits the schema comes back from its form as it was', () => {
  const input = {
    name: 'aurora',
    template: 'api',
    replicas: 2,
    public: false,
    due: '2026-12-24',
    at: '2026-12-24T18:30:00.000Z',
    notes: 'Two\nlines',
    owner: { mail: 'a@b.c', team: 'web' },
    tags: ['a', 'b'],
    environments: [{ name: 'dev', size: 2 }, { name: 'prod' }],
    labels: { a: 'b' },
  }
  assert.deepEqual(read(whole, draftOf(whole, input)).value, input)
})

test('what nobody has touched is sent as it was, even what its control cannot hold, whatever else is changed', () => {
  const text = { type: 'string' }
  const address = {
    type: 'object',
    required: ['city'],
    properties: { city: text, country: { ...text, default: 'de' } },
  }
  const nullable = (schema: object, initial: unknown) => ({ anyOf: [schema, { type: 'null' }], default: initial })
  const size = { anyOf: [{ anyOf: [{ enum: ['s', 'm'] }, {}] }, { type: 'null' }] }
  const schema = {
    type: 'object',
    required: ['empty'],
    properties: {
      empty: text,
      at: { ...text, format: 'date-time' },
      elsewhere: { ...text, format: 'date-time' },
      name: nullable(text, 'web'),
      count: nullable({ type: 'number' }, 1),
      isOpen: nullable({ type: 'boolean' }, true),
      tags: nullable({ type: 'array', items: text }, ['a']),
      none: { type: 'array', items: text },
      times: { type: 'array', items: { ...text, format: 'date-time' } },
      closed: { type: 'boolean' },
      size,
      home: nullable(address, { city: 'Bonn' }),
      work: address,
      left: { ...text, default: 'out' },
      odd: {},
      open: { type: 'object', properties: { known: text }, additionalProperties: {} },
    },
  }
  const input = {
    empty: '',
    at: '2026-11-22T10:00:30.250Z',
    elsewhere: '2026-11-22T10:00:30.123456+05:30',
    name: null,
    count: null,
    isOpen: null,
    tags: null,
    none: [],
    times: ['2026-11-22T10:00:30.1234Z', '2026-11-22T10:00:30.1239Z'],
    closed: false,
    size: 'xl',
    home: null,
    odd: null,
    open: { unknown: { b: [1, null] } },
    unlisted: 7,
  }
  const field = fieldOf(schema)
  const draft = draftOf(field, input) as Record<string, Draft>
  assert.deepEqual(read(field, draft), { value: input, complaints: [] })
  const touched = { ...draft, name: 'api', times: (draft.times as Draft[]).toSpliced(0, 1) }
  assert.deepEqual(read(field, touched).value, { ...input, name: 'api', times: ['2026-11-22T10:00:30.1239Z'] })
  const closed = fieldOf({ ...schema, additionalProperties: false })
  const { unlisted: _, ...listed } = input
  assert.deepEqual(read(closed, draftOf(closed, input)).value, listed)
})

test('a time is shown as exactly as a control can', () => {
  const field = named('at')
  for (const time of ['2026-11-22T10:00:30.250Z', '2026-11-22T10:00:30.000Z', '2026-11-22T10:00:00.000Z'])
    assert.equal(read(field, shownOf(draftOf(field, time))).value, time)
  assert.match(String(shownOf(draftOf(field, '2026-11-22T10:00:00Z'))), /T\d\d:00$/)
})

test('a year with one digit too many is left to the server to complain of', () => {
  const said = '20266-01-01T10:00'
  assert.deepEqual(read(named('at'), said), { value: said, complaints: [] })
})

test('fields stand in the order of the schema, whatever order the database keeps its members in', () => {
  const properties = { b: { type: 'string' }, name: { type: 'string' }, added: { type: 'string' } }
  const { fields } = fieldOf({ type: 'object', properties, propertyOrder: ['name', 'gone', 'b'] }) as typeof whole
  assert.deepEqual(
    fields.map(({ name }) => name),
    ['name', 'b', 'added'],
  )
})

test('an input that is no object is written as JSON as a whole', () => {
  for (const schema of [null, { type: 'string' }, { anyOf: [{ type: 'object' }, { type: 'array' }] }])
    assert.notEqual(fieldOf(schema).kind, 'object')
  assert.equal(fieldOf(null).kind, 'json')
})

test('a whole input that is written as JSON may be left empty, and a text, a number or a choice may not', () => {
  for (const schema of [null, {}, { type: 'object', additionalProperties: { type: 'string' } }]) {
    const field = fieldOf(schema)
    assert.deepEqual([field.required, read(field, draftOf(field))], [false, { value: undefined, complaints: [] }])
  }
  for (const schema of [{ type: 'string' }, { type: 'number' }, { enum: ['a', 'b'] }]) {
    const field = fieldOf(schema)
    assert.deepEqual(read(field, draftOf(field)).complaints, [{ path: 'input', message: 'required' }])
  }
})
