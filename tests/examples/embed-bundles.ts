import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { compile as compileSvelte } from 'svelte/compiler'
import { compileScript, parse } from 'vue/compiler-sfc'

export const RECIPES = ['plain', 'react-18', 'react-19', 'vue', 'svelte'] as const

const folder = resolve(import.meta.dirname, '../../examples/embed')

/** A recipe's page and the script that its bundler makes, by name. */
export async function bundleRecipe(recipe: (typeof RECIPES)[number]): Promise<Map<string, string>> {
  const file = recipe.startsWith('react') ? 'main.tsx' : 'main.ts'
  const files = await bundle(join(folder, recipe, file), recipe === 'react-18')
  return files.set('index.html', await readFile(join(folder, recipe, 'index.html'), 'utf8'))
}

/** A page with every element as `stepcast/react` wraps it. */
export async function bundleReactElements(recipe: 'react-18' | 'react-19'): Promise<Map<string, string>> {
  const files = await bundle(join(import.meta.dirname, 'react-elements.tsx'), recipe === 'react-18')
  return files.set('index.html', await readFile(join(folder, recipe, 'index.html'), 'utf8'))
}

/** `main.js` and what it loads later, by name. */
async function bundle(main: string, isReact18: boolean): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: { main },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    write: false,
    define: { 'process.env.NODE_ENV': '"production"', __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
    ...(isReact18 && { alias: { react: 'react-18', 'react-dom': 'react-dom-18' } }),
    plugins: [vue, svelte],
  })
  return new Map(outputFiles.map(({ path, text }) => [path.slice(folder.length + 1), text]))
}

const vue: Plugin = {
  name: 'vue',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { descriptor } = parse(await readFile(path, 'utf8'), { filename: path })
      const compilerOptions = { isCustomElement: (tag: string) => tag.startsWith('stepcast-') }
      const { content } = compileScript(descriptor, {
        id: 'app',
        inlineTemplate: true,
        templateOptions: { compilerOptions },
      })
      return { contents: content, loader: 'ts' }
    }),
}

const svelte: Plugin = {
  name: 'svelte',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { js, warnings } = compileSvelte(await readFile(path, 'utf8'), { filename: path, generate: 'client' })
      return { contents: js.code, loader: 'js', warnings: warnings.map(({ message }) => ({ text: message })) }
    }),
}
