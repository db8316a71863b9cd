import assert from 'node:assert/strict'
import { test } from 'node:test'
import { projectInput } from '../../examples/project-init/input.ts'
import { freshName } from '../../examples/project-init/names.ts'

test('a thousand fresh names are a thousand different ones, and each may name a project', () => {
  const taken = new Set<string>()
  for (let count = 0; count < 1_000; count++) taken.add(projectInput.parse({ name: freshName(taken) }).name)
  assert.equal(taken.size, 1_000)
})

test('what cannot name a project is refused in words', () => {
  for (const name of ['a', '-web', 'Aurora', 'aurora--web', 'aurora/web', '../etc', '', 'x'.repeat(41)]) {
    const { error } = projectInput.safeParse({ name })
    assert.match(error?.issues[0]?.message ?? '', /^A name (has|is made of)/, name)
  }
})

test('a project is made from the template web unless another is asked for', () => {
  assert.equal(projectInput.parse({ name: 'aurora-web' }).template, 'web')
})
