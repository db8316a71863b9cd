import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { openBench } from '../server/bench.ts'
import { startProgram } from '../support/process.ts'

const root = resolve(import.meta.dirname, '../..')

test('the stream of docs/headless.md runs as it is printed', async () => {
  await using bench = await openBench()
  const text = await readFile(`${root}/docs/headless.md`, 'utf8')
  const [, printed = ''] = /<!-- runs .*-->\n```js\n([\s\S]*?)```/.exec(text) ?? []
  const code = printed.replace('http://127.0.0.1:8080', bench.url).replaceAll('import_file', 'import')
  await using watching = startProgram(process.execPath, ['--input-type=module', '-e', code], { cwd: root })
  await watching.says(/no run yet live/)
  const run = await bench.openRun({ key: '42' })
  await bench.sql("select stepcast.begin_step($1, 'load')", run)
  await watching.says(/0 % Load running/)
  await bench.sql("select stepcast.report_step($1, 'load', 40)", run)
  await watching.says(/40 % Load running/)
  await bench.sql("select stepcast.complete_step($1, 'load')", run)
  await bench.sql('select stepcast.finish_run($1)', run)
  await watching.says(/100 % {2}completed/)
  assert.equal(await watching.ended, 0)
})

test('the stream alone is as small as docs/headless.md says, and has no Lit in it', async () => {
  const entryPoints = [`${root}/client/stream.ts`]
  const { outputFiles, metafile } = await build({
    entryPoints,
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    metafile: true,
  })
  const size = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length
  assert.ok(size < 10.5 * 1_024, `${size} bytes`)
  assert.deepEqual(
    Object.keys(metafile.inputs).filter((path) => /node_modules\/@?lit/.test(path)),
    [],
  )
})
