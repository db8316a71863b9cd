import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

test('docs/commands.md lists every command with its options, and no other', () => {
  const [, ...commands] = read('cli/main.ts').split(/^add\(/m)
  const shared = {
    '...workflows': ['--workflows'],
    '...json': ['--json'],
    '...tenant': ['--tenant'],
    '...oneWorkflow': ['--workflow'],
  }
  const made = commands.map((text) => {
    const [, name] = /^\s*'(\w+)'/.exec(text) ?? []
    const spread = Object.entries(shared).flatMap(([word, options]) => (text.includes(word) ? options : []))
    return [name, ...[...optionsOf(text), ...spread].sort()]
  })
  const rows = [...read('docs/commands.md').matchAll(/^\| `stepcast (\w+).*?` \|[^|]*\|(.*)\|$/gm)]
  const documented = rows.map(([, name, options = '']) => [name, ...(options.match(/--[\w-]+/g) ?? []).sort()])
  assert.deepEqual(documented, made)
})

function optionsOf(text: string): string[] {
  return text.match(/(?<=['\s])--[\w-]+(?=['\s])(?=[^']*',)/g) ?? []
}
