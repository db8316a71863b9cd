import type { Package } from 'custom-elements-manifest/schema.d.ts'
import { elementsOf } from './manifest.ts'

/** For VS Code's setting `html.customData`. */
export function htmlData(manifest: Package): object {
  const tags = elementsOf(manifest).map(({ tagName, description, attributes = [] }) => ({
    name: tagName,
    description,
    attributes: attributes.map(({ name, description, type }) => ({
      name,
      description,
      ...(type?.text === 'boolean' && { valueSet: 'v' }),
    })),
  }))
  return { version: 1.1, tags }
}

/** For VS Code's setting `css.customData`. */
export function cssData(manifest: Package): object {
  const all = elementsOf(manifest).flatMap(({ cssProperties = [] }) => cssProperties)
  const properties = new Map(all.map(({ name, description }) => [name, { name, description }]))
  return { version: 1.1, properties: [...properties.values()] }
}

/** For JetBrains editors, which find it by the package's field `web-types`. */
export function webTypes(manifest: Package, { name, version }: { name: string; version: string }): object {
  const elements = elementsOf(manifest).map((element) => ({
    name: element.tagName,
    description: element.description,
    attributes: (element.attributes ?? []).map(({ name, description, type }) => ({
      name,
      description,
      value: { type: type?.text },
    })),
    slots: element.slots,
    js: {
      properties: (element.members ?? []).filter(({ kind }) => kind === 'field'),
      events: (element.events ?? []).map(({ name, description }) => ({ name, description })),
    },
    css: { parts: element.cssParts, properties: element.cssProperties },
  }))
  const $schema = 'https://json.schemastore.org/web-types.json'
  return { $schema, name, version, 'description-markup': 'markdown', contributions: { html: { elements } } }
}
