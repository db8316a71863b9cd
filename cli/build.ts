/** Makes what browsers load: the page, and the elements as one file, which is written last. */
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { type BuildOptions, build } from 'esbuild'

const root = resolve(import.meta.dirname, '..')
const page = join(root, 'client/page')
const folder = join(root, 'dist')

const options: BuildOptions = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  minify: true,
  sourcemap: true,
  legalComments: 'none',
}

await mkdir(folder, { recursive: true })
for (const file of await readdir(page)) {
  if (['.html', '.css', '.svg'].includes(extname(file))) await copyFile(join(page, file), join(folder, file))
}
await build({ ...options, entryPoints: [join(page, 'page.ts')], outfile: join(folder, 'page.js') })
await build({ ...options, entryPoints: [join(root, 'client/index.ts')], outfile: join(folder, 'stepcast.js') })
