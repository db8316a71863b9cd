import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startProcess } from '../support/process.ts'

const COMMAND = join(import.meta.dirname, '../../cli/main.ts')
const env = { DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none', PORT: '0', HOST: '', STEPCAST_JWT_SECRET: '' }

test('without authentication the first line says that only this machine is answered', async () => {
  await using command = startProcess(COMMAND, ['server'], { env })
  await command.says(/"msg":"listening"/)
  assert.match(command.output().split('\n')[0] ?? '', /"host":"127\.0\.0\.1".*no authentication/)
})

test('asked to listen elsewhere it refuses, says why and what to do; with a secret it does', async () => {
  const everywhere = { ...env, HOST: '0.0.0.0' }
  await using refused = startProcess(COMMAND, ['server'], { env: everywhere })
  assert.equal(await refused.ended, 2)
  assert.match(refused.output(), /may not listen on 0\.0\.0\.0: without.*anyone.*STEPCAST_JWT_SECRET/)
  const secret = { STEPCAST_JWT_SECRET: 'x'.repeat(32) }
  await using command = startProcess(COMMAND, ['server'], { env: { ...everywhere, ...secret } })
  const [, port] = await command.says(/"url":"http:\/\/0\.0\.0\.0:(\d+)"/)
  assert.equal((await fetch(`http://127.0.0.1:${port}/runs`)).status, 401)
  assert.doesNotMatch(command.output(), /no authentication|x{32}/)
})

test('a host that is not of this machine is told as one, whatever the database does', async () => {
  const elsewhere = { HOST: 'nosuch.invalid', STEPCAST_JWT_SECRET: 'x'.repeat(32) }
  await using command = startProcess(COMMAND, ['server'], { env: { ...env, ...elsewhere } })
  assert.equal(await command.ended, 2)
  assert.match(command.output(), /HOST names no address of this machine \(.*nosuch\.invalid\)/)
  assert.doesNotMatch(command.output(), /DATABASE_URL/)
})
