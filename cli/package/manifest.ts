import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
// @ts-expect-error the analyzer declares the types of its plugins alone
import { create, ts } from '@custom-elements-manifest/analyzer/index.js'
// @ts-expect-error
import { litPlugin } from '@custom-elements-manifest/analyzer/src/features/framework-plugins/lit/lit.js'
import type { ClassDeclaration, CssCustomProperty, CustomElement, Package } from 'custom-elements-manifest/schema.d.ts'

const root = resolve(import.meta.dirname, '../..')
const THEME = ['client/theme.ts', 'client/theme-rest.ts']

/** What the analyzer writes beyond the first version of the schema. */
export type Element = ClassDeclaration & CustomElement & { cssStates?: { name: string; description?: string }[] }

/** The content of custom-elements.json, from the elements' classes and the JSDoc tags above them. */
export function makeManifest(): Package {
  const files = globSync('client/**/*.ts', { cwd: root, exclude: ['client/page/**'] }).sort()
  const sources = files.map((file) => ({ file, text: read(file) })).filter(({ text }) => text.includes('@tagname'))
  const modules = sources.map(({ file, text }) => ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true))
  const manifest: Package = create({ modules, plugins: litPlugin(), context: { dev: false } })
  const shared = themeProperties()
  for (const element of elementsOf(manifest)) {
    element.cssProperties = [...(element.cssProperties ?? []), ...shared]
    element.members = element.members?.filter(({ privacy }) => privacy === 'public' || privacy === undefined) ?? []
  }
  return JSON.parse(JSON.stringify(manifest).replaceAll(/(client\/[\w/-]+)\.ts"/g, '$1.js"'))
}

export function elementsOf({ modules }: Package): Element[] {
  const declarations = modules.flatMap(({ declarations = [] }) => declarations)
  return declarations.filter((declaration): declaration is Element => 'customElement' in declaration)
}

/** The properties that all elements share: each from its tag above the theme, with its default from the style. */
function themeProperties(): CssCustomProperty[] {
  const text = THEME.map(read).join('')
  return [...text.matchAll(/\* @cssprop (--[\w-]+) - (.+)/g)].map(([, name = '', description = '']) => {
    const [, value] = new RegExp(`var\\(${name}, (.+)\\);`).exec(text) ?? []
    if (value === undefined) throw new Error(`${THEME.join(', ')}: one describes ${name} and none uses it.`)
    return { name, description, default: value }
  })
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
