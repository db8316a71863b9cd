import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldOfPath, fieldsOf, inputOf } from '../../client/page/fields.ts'

const schema = {
  type: 'object',
  required: ['name', 'template'],
  properties: {
    name: { type: 'string', title: 'Name', description: 'Lower case.', maxLength: 40 },
    template: { type: 'string', enum: ['web', 'api'], default: 'web' },
    replicas: { type: 'integer', default: 2 },
    public: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
  },
}

const fields = fieldsOf(schema) ?? []

test('each property gets the field that suits it', () => {
  assert.deepEqual(
    fields.map(({ name, kind, required, initial }) => [name, kind, required, initial]),
    [
      ['name', 'text', true, ''],
      ['template', 'choice', false, 'web'],
      ['replicas', 'number', false, '2'],
      ['public', 'boolean', false, ''],
      ['tags', 'json', false, ''],
    ],
  )
  assert.deepEqual([fields[0]?.title, fields[0]?.maxLength, fields[1]?.choices], ['Name', 40, ['web', 'api']])
})

test('an input that is no plain object has no fields', () => {
  assert.equal(fieldsOf(null), null)
  assert.equal(fieldsOf({ type: 'array' }), null)
})

test('values become what the schema says, and empty ones are left out', () => {
  const { input, errors } = inputOf(fields, {
    name: ' ',
    template: 'api',
    replicas: '3',
    public: 'true',
    tags: '["a"]',
  })
  assert.deepEqual(input, { template: 'api', replicas: 3, public: true, tags: ['a'] })
  assert.deepEqual(errors, [])
})

test('JSON that cannot be read is told beside its field', () => {
  const { errors } = inputOf(fields, { tags: '[a' })
  assert.deepEqual(
    errors.map(({ path }) => path),
    ['tags'],
  )
})

test('an error finds its field by the path that the server gives', () => {
  assert.equal(fieldOfPath(fields, 'input.name')?.name, 'name')
  assert.equal(fieldOfPath(fields, 'name')?.name, 'name')
  assert.equal(fieldOfPath(fields, 'input.tags.0')?.name, 'tags')
  assert.equal(fieldOfPath(fields, 'workflow'), null)
})
