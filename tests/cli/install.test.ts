import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../support/folder.ts'

const script = join(import.meta.dirname, '../../cli/install.mjs')
const lock = (version: string) =>
  JSON.stringify({
    packages: {
      '': {},
      'node_modules/koa': { version },
      'node_modules/elsewhere': { version: '1.0.0', optional: true },
    },
  })

/** A checkout with an npm that only writes down how it was called. */
async function makeCheckout(path: string) {
  await Promise.all(['cli', 'client', 'dist', 'node_modules', 'bin'].map((name) => mkdir(join(path, name))))
  await cp(script, join(path, 'cli/install.mjs'))
  await writeFile(join(path, 'package-lock.json'), lock('3.0.0'))
  await writeFile(join(path, 'bin/npm'), '#!/bin/sh\necho "$1 $3" | sed "s/ --.*//" >> calls\n')
  await chmod(join(path, 'bin/npm'), 0o755)
  const installed = (version: string) => writeFile(join(path, 'node_modules/.package-lock.json'), lock(version))
  const built = () => writeFile(join(path, 'dist/stepcast.js'), '')
  const calls = async () => {
    const env = { PATH: `${join(path, 'bin')}:/usr/bin:/bin` }
    await writeFile(join(path, 'calls'), '')
    await promisify(execFile)(process.execPath, ['cli/install.mjs'], { cwd: path, env })
    return (await readFile(join(path, 'calls'), 'utf8')).split('\n').filter(Boolean)
  }
  return { installed, built, calls }
}

test('a fresh clone is installed and built, an up-to-date one is left alone', async () => {
  await using folder = await temporaryFolder()
  const { installed, built, calls } = await makeCheckout(folder.path)
  assert.deepEqual(await calls(), ['ci', 'run build'])
  await installed('3.0.0')
  await built()
  assert.deepEqual(await calls(), [])
})

test('another version in the lock file is installed', async () => {
  await using folder = await temporaryFolder()
  const { installed, built, calls } = await makeCheckout(folder.path)
  await installed('2.9.9')
  await built()
  assert.deepEqual(await calls(), ['ci'])
})
