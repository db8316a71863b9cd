import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { type BuildOptions, build, type Metafile, type Plugin, transform } from 'esbuild'

const root = resolve(import.meta.dirname, '..')
/** As esbuild is to know a file: its place in the checkout, so that the names of chunks do not depend on where that is. */
const within = (path: string) => `./${relative(root, path).replaceAll('\\', '/')}`

/**
 * The files with fixed names, for pages to refer to; all others are named after their content. The elements are bundled
 * separately from the dashboard: a page that shows one element loads few chunks, however the dashboard's pages share
 * their code.
 */
const ELEMENTS = { stepcast: 'client/index.ts' }
const DASHBOARD = {
  home: 'client/page/home.ts',
  run: 'client/page/run.ts',
  start: 'client/page/start.ts',
  stats: 'client/page/stats.ts',
}

/** Styles without interpolation: whole rules. */
const STYLES = /(?<=css`)[^`$]+(?=`)/g

/** Removes the indentation of templates, which is most of their white space, and minifies styles. */
const flat: Plugin = {
  name: 'flat',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]client[\\/].*\.ts$/ }, async ({ path }) => {
      return { contents: await flattened(path), loader: 'ts' }
    }),
}

async function flattened(path: string): Promise<string> {
  const text = await readFile(path, 'utf8')
  const found = text.match(STYLES) ?? []
  const written = await Promise.all(found.map((styles) => transform(styles, { loader: 'css', minify: true })))
  return text.replace(STYLES, () => shortened(written.shift()?.code)).replace(/\n[ \t]+/g, '\n')
}

/** esbuild leaves custom properties unchanged. */
function shortened(styles = ''): string {
  const write = (_: string, name: string, value: string) => name + value.trim().replaceAll(', ', ',')
  return styles.trim().replace(/(--[\w-]+:)([^;}]+)/g, write)
}

/** What `<stepcast-run>` requests at once, but does not need for drawing. */
const LIFE = within(join(root, 'client/run-life.ts'))

/**
 * Makes everything that is loaded later import the entry too, which is loaded by then. All code of the entry is then
 * shared by the same parts, and becomes one chunk instead of one for each set of parts that share it: ten small files
 * gzip worse than one. All but the words, which are needed for drawing, also import the life, so that it becomes one
 * chunk too.
 */
const together = (entry: string): Plugin => ({
  name: 'together',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ kind, resolveDir, path }) =>
      kind === 'dynamic-import' ? { path: within(join(resolveDir, path)), namespace: 'later' } : null,
    )
    onLoad({ filter: /./, namespace: 'later' }, ({ path }) => {
      const before = [`./${entry}`, ...(path.includes('/words/') ? [] : [LIFE])]
      const imports = before.map((file) => `import ${JSON.stringify(file)}`).join('\n')
      return { contents: `${imports}\nexport * from ${JSON.stringify(path)}`, resolveDir: root }
    })
  },
})

const OPTIONS: BuildOptions = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  minify: true,
  legalComments: 'none',
  // Lit's internal names, which say nothing in an error message anyway.
  mangleProps: /^_\$[A-Z]/,
  absWorkingDir: root,
  write: false,
  plugins: [flat],
}

/** What browsers load, by path below the mount point. */
export interface Bundle {
  files: Map<string, string>
  /** For each entry, what it loads before anything is drawn: itself, and the chunks that it imports statically. */
  eager: Record<string, string[]>
  /** What `<stepcast-run>` requests at once, but does not need for drawing. */
  life: string[]
}

/** The elements and the pages; what they share, and what they load when it is first needed, are separate chunks. */
export async function bundleClient(sourcemap = false): Promise<Bundle> {
  const [elements, pages] = await Promise.all([
    bundle(ELEMENTS, sourcemap, [together(ELEMENTS.stepcast), flat]),
    bundle(DASHBOARD, sourcemap, [flat]),
  ])
  hasten(elements)
  const { life } = elements
  return { life, files: new Map([...elements.files, ...pages.files]), eager: { ...elements.eager, ...pages.eager } }
}

async function bundle(entryPoints: Record<string, string>, sourcemap: boolean, plugins: Plugin[]): Promise<Bundle> {
  const chunks: BuildOptions = { splitting: true, chunkNames: 'chunks/[name]-[hash]', outdir: 'dist', metafile: true }
  const { outputFiles = [], metafile } = await build({ ...OPTIONS, ...chunks, entryPoints, sourcemap, plugins })
  const folder = join(root, 'dist')
  const files = new Map(outputFiles.map(({ path, text }) => [relative(folder, path).replaceAll('\\', '/'), text]))
  const names = Object.keys(entryPoints).map((name) => `${name}.js`)
  const eager = Object.fromEntries(names.map((name) => [name, eagerOf(name, metafile)]))
  const before = new Set(Object.values(eager).flat())
  const life = [...files.keys()].filter((name) => /run-life-\w+\.js$/.test(name))
  return { files, eager, life: life.flatMap((name) => eagerOf(name, metafile)).filter((name) => !before.has(name)) }
}

/**
 * Makes the chunk that draws request the rest of the life as soon as it has loaded, without waiting until the first
 * file of the life names it. The requests are added at its end, so that the positions in its source map stay right.
 */
function hasten({ files, eager, life }: Bundle): void {
  const [first = ''] = eager['stepcast.js']?.filter((name) => name.startsWith('chunks/')) ?? []
  const text = files.get(first) ?? ''
  const end = text.lastIndexOf(';\n') + 2
  const [, ...others] = life
  const asking = others.map((name) => `import("./${name.replace('chunks/', '')}").catch(()=>{});`)
  files.set(first, `${text.slice(0, end)}${asking.join('')}\n${text.slice(end)}`)
}

/** The elements with everything they may need as one file, for a CDN or for copying. */
export async function bundleCdn(): Promise<string> {
  const { outputFiles = [] } = await build({ ...OPTIONS, entryPoints: [ELEMENTS.stepcast] })
  return outputFiles[0]?.text ?? ''
}

/** The npm packages with code in what browsers load, sorted. */
export async function bundledPackages(): Promise<string[]> {
  const entryPoints = { ...ELEMENTS, ...DASHBOARD }
  const { metafile } = await build({ ...OPTIONS, entryPoints, outdir: 'dist', metafile: true })
  const names = Object.keys(metafile.inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
  return [...new Set(names.filter((name) => name !== undefined))].sort()
}

/** The value of the attribute `integrity` for pages that load it from elsewhere. */
export function integrityOf(text: string): string {
  return `sha384-${createHash('sha384').update(text).digest('base64')}`
}

function eagerOf(entry: string, metafile: Metafile | undefined): string[] {
  const found = new Set([entry])
  for (const name of found) {
    const imports = metafile?.outputs[`dist/${name}`]?.imports ?? []
    for (const { path, kind } of imports) if (kind === 'import-statement') found.add(path.replace('dist/', ''))
  }
  return [...found]
}
