import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSettings } from '../../cli/settings.ts'

test('without any variable there are defaults: loopback, and no database named', () => {
  const { HOST, DATABASE_URL, PORT } = readSettings({})
  assert.deepEqual({ HOST, DATABASE_URL, PORT }, { HOST: '127.0.0.1', DATABASE_URL: undefined, PORT: undefined })
})

test('an empty variable counts as not set', () => {
  assert.equal(readSettings({ PORT: '', DATABASE_URL: '' }).PORT, undefined)
})

test('one error names every bad key, shows no value and is a wrong call', () => {
  const bad = { DATABASE_URL: 'mysql://root:secret@host/db', PORT: '99999', LOG_LEVEL: 'loud' }
  assert.throws(
    () => readSettings(bad),
    (error: Error & { exitCode: number }) => {
      for (const key of Object.keys(bad)) assert.match(error.message, new RegExp(`  ${key} `))
      assert.doesNotMatch(error.message, /secret/)
      return error.exitCode === 2
    },
  )
})

test('an address of a database that is no URL is said to be none, without its password', () => {
  for (const password of ['s/ecret', 's#ecret', 's?ecret'])
    assert.throws(
      () => readSettings({ DATABASE_URL: `postgres://me:${password}@host/db` }),
      ({ message }: Error) => /DATABASE_URL is no URL: .* percent-encoded/.test(message) && !/ecret/.test(message),
    )
  for (const DATABASE_URL of ['postgres://me:s%2Fecret@host/db', 'postgres://me@/db?host=/tmp', 'socket:/tmp?db=db'])
    assert.equal(readSettings({ DATABASE_URL }).DATABASE_URL, DATABASE_URL)
})

test('a port is a whole number from 0 to 65535', () => {
  assert.equal(readSettings({ PORT: '0' }).PORT, 0)
  for (const PORT of ['-1', '80.5', '1e3', '0x50', ' 80', 'http']) assert.throws(() => readSettings({ PORT }), /PORT/)
})

test('a retention is an interval such as Postgres takes', () => {
  for (const STEPCAST_RETENTION of ['30 days', '1 month', '6 months 2 weeks'])
    assert.equal(readSettings({ STEPCAST_RETENTION }).STEPCAST_RETENTION, STEPCAST_RETENTION)
  for (const STEPCAST_RETENTION of ['30', 'days', '-1 day', '30 parsecs', '30 days; drop'])
    assert.throws(() => readSettings({ STEPCAST_RETENTION }), /STEPCAST_RETENTION must be an interval/)
})

test('a secret for tokens is no short word, and keys come from the web', () => {
  const secret = 'é'.repeat(16)
  assert.equal(readSettings({ STEPCAST_JWT_SECRET: secret }).STEPCAST_JWT_SECRET, secret)
  assert.throws(() => readSettings({ STEPCAST_JWT_SECRET: 'hunter2' }), /STEPCAST_JWT_SECRET must have 32 bytes/)
  assert.throws(() => readSettings({ STEPCAST_JWKS_URL: 'file:///etc/keys' }), /STEPCAST_JWKS_URL must be an address/)
  for (const address of ['http://idp.example', 'idp.example/jwks', 'no address'])
    assert.throws(() => readSettings({ STEPCAST_JWKS_URL: address }), / {2}STEPCAST_JWKS_URL must be .*https/, address)
  assert.equal(
    readSettings({ STEPCAST_JWKS_URL: 'http://localhost:3000/jwks' }).STEPCAST_JWKS_URL,
    'http://localhost:3000/jwks',
  )
})

test('origins stand with commas between, without a path', () => {
  const { STEPCAST_CORS_ORIGINS } = readSettings({ STEPCAST_CORS_ORIGINS: 'https://a.example, http://localhost:5173' })
  assert.deepEqual(STEPCAST_CORS_ORIGINS, ['https://a.example', 'http://localhost:5173'])
  for (const origins of ['*', 'https://*.a.example', 'null', 'https://a.example/', 'a.example', 'https://a.example/x'])
    assert.throws(() => readSettings({ STEPCAST_CORS_ORIGINS: origins }), /STEPCAST_CORS_ORIGINS must be origins/)
})
