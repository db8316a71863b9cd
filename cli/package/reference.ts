import { readFileSync } from 'node:fs'
import type { Package } from 'custom-elements-manifest/schema.d.ts'
import { type Element, elementsOf } from './manifest.ts'

interface Told {
  name: string
  description?: string | undefined
  default?: string | undefined
  type?: { text: string } | undefined
}

const HEAD = `# The elements

<!-- Made from the classes and the tags above them. \`npm run elements\` writes it. -->

Attributes are kebab-case; a boolean one is false when it is absent. Properties are set from script. Events bubble and cross shadow
roots. How a page loads the elements: [README](../README.md#show-it); React, Vue and Svelte: [examples/embed](../examples/embed/README.md);
which page may show what: [security](security.md#a-token-for-one-run).

They need a browser of May 2024 or later: Chrome or Edge 125, Firefox 126, Safari 17.5. Older ones lack \`:state()\` or \`light-dark()\`.
`

/** The `detail` of each event, as its type is written. */
const DETAILS = new Map(
  [
    ...readFileSync(new URL('../../client/events.ts', import.meta.url), 'utf8').matchAll(/^ {2}'([\w-]+)': (.+)$/gm),
  ].map(([, name = '', type = '']) => [`StepcastEvents['${name}']`, type]),
)

/** Writes docs/elements.md: what an application may use of the elements. */
export function writeReference(manifest: Package): string {
  const elements = elementsOf(manifest).toSorted((a, b) => ((a.tagName ?? '') < (b.tagName ?? '') ? -1 : 1))
  const names = new Set(elements.flatMap(({ cssProperties = [] }) => cssProperties.map(({ name }) => name)))
  const isShared = (name: string) =>
    elements.every(({ cssProperties }) => cssProperties?.some((property) => property.name === name))
  const shared = [...names].filter(isShared)
  return `${[HEAD, ...elements.map((element) => section(element, shared)), theme(elements, shared)].join('\n')}`
}

function section(element: Element, shared: string[]): string {
  const { tagName, description = '', attributes = [], members = [], events = [], slots = [] } = element
  const own = element.cssProperties?.filter(({ name }) => !shared.includes(name))
  const properties = members.filter((member) => member.kind === 'field' && !('attribute' in member))
  const methods = members.filter(({ kind }) => kind === 'method')
  return [
    `## \`<${tagName}>\`\n\n${plain(description)}\n\n`,
    table('Attribute', attributes, ['Type', typeOf]),
    table('Property', properties, ['Type', typeOf]),
    table('Method', methods),
    table('Event', events, ['`detail`', typeOf]),
    table(
      'Slot',
      slots.map((slot) => ({ ...slot, name: slot.name || '(default)' })),
    ),
    table('`::part()`', element.cssParts),
    table('`:state()`', element.cssStates),
    table('Custom property', own, ['Default', defaultOf]),
  ].join('')
}

function theme(elements: Element[], shared: string[]): string {
  const properties = elements[0]?.cssProperties?.filter(({ name }) => shared.includes(name))
  const text = 'Custom properties that every element reads. Light and dark follow the inherited `color-scheme`.\n'
  return `## Look\n\n${text}\n${table('Custom property', properties, ['Default', defaultOf])}`.trimEnd().concat('\n')
}

function table(title: string, rows: Told[] = [], more?: [title: string, cell: (row: Told) => string]): string {
  if (rows.length === 0) return ''
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  const head = [title, ...(more ? [more[0]] : []), '']
  const cells = (row: Told) => [code(row.name), ...(more ? [more[1](row)] : []), plain(row.description ?? '')]
  return `${[line(head), line(head.map(() => '---')), ...rows.map((row) => line(cells(row)))].join('\n')}\n\n`
}

function typeOf({ type }: Told): string {
  const text = type?.text.replace(/^CustomEvent<(.+)>$/, '$1') ?? ''
  return code(DETAILS.get(text) ?? text)
}

function defaultOf(row: Told): string {
  return code(row.default ?? '')
}

function code(text: string): string {
  return text === '' ? '' : `\`${plain(text)}\``
}

function plain(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
