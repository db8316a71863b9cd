import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { drawTable } from '../../cli/commands/stats.ts'
import { drawRun } from '../../cli/terminal/draw.ts'
import { duration } from '../../cli/terminal/duration.ts'
import { describeChanges } from '../../cli/terminal/lines.ts'
import { Screen } from '../../cli/terminal/screen.ts'
import { clean, cut, width } from '../../cli/terminal/text.ts'
import { makeRun, makeStep } from './samples.ts'

const plain = { columns: 80, rows: 40, color: false }
const since = () => 1_200

describe('a drawn run', () => {
  const steps = [
    makeStep({ id: 1, displayName: 'Resolve credentials', status: 'completed', progress: 100, duration: 400 }),
    makeStep({
      id: 2,
      displayName: 'Push template',
      status: 'running',
      progress: 45,
      message: 'Pushing files',
      sequence: 2,
    }),
    makeStep({ id: 3, parentId: 2, displayName: 'Render', status: 'completed', duration: 90 }),
    makeStep({ id: 4, displayName: 'Finalize', sequence: 3 }),
  ]
  const run = makeRun({ displayName: 'Initializing “shop”', status: 'running', progress: 42 })

  test('has an icon, a name and a time a step, sub-steps indented, and says where it is', () => {
    const lines = drawRun(run, steps, plain, since)
    assert.ok(lines[0]?.startsWith('  Initializing “shop”') && lines[0].endsWith('running  1.2 s'))
    assert.match(lines.join('\n'), /^ {2}✓ Resolve credentials +0\.4 s$/m)
    assert.match(lines.join('\n'), /^ {2}● Push template {2}45 % {2}Pushing files +1\.2 s$/m)
    assert.match(lines.join('\n'), /^ {4}✓ Render +0\.1 s$/m)
    assert.match(lines.join('\n'), /^ {2}○ Finalize$/m)
    assert.match(lines.at(-1) ?? '', /█░.* 42 % {2}Step 2 of 3: Push template$/)
  })

  test('no line is wider than the terminal, in Chinese neither', () => {
    const chinese = makeStep({
      id: 9,
      displayName: '推送项目模板'.repeat(20),
      status: 'running',
      message: '正在推送'.repeat(9),
    })
    for (const columns of [20, 40, 80, 300]) {
      const lines = drawRun(run, [...steps, chinese], { ...plain, columns, color: true }, since)
      for (const line of lines) assert.ok(width(line) < columns, `${width(line)} of ${columns}: ${line}`)
    }
  })

  test('is never higher than the terminal, and shows what is running', () => {
    const many = Array.from({ length: 100 }, (_, index) => {
      const status = index < 50 ? 'completed' : index === 50 ? 'running' : 'pending'
      return makeStep({ id: index, sequence: index, displayName: `Step ${index}`, status })
    })
    const lines = drawRun(run, many, { ...plain, rows: 12 }, since)
    assert.ok(lines.length < 12)
    assert.match(lines.join('\n'), /● Step 50/)
  })

  test('of thousands of sub-steps only as many are drawn as there is room for', () => {
    let drawn = 0
    const counted = (id: number) =>
      Object.defineProperty(makeStep({ id, parentId: id % 2 ? 1 : 2, sequence: id }), 'displayName', {
        get: () => `chunk ${++drawn}`,
      })
    const many = Array.from({ length: 5_000 }, (_, index) => counted(index + 10))
    const lines = drawRun(run, [...steps, ...many], { ...plain, rows: 12 }, since)
    assert.match(lines.join('\n'), /● Push template/)
    assert.ok(drawn <= 24, `${drawn} were drawn`)
  })

  test('where there is next to no room, the step that runs is what is shown', () => {
    for (const rows of [4, 5, 7]) {
      const lines = drawRun(run, steps, { ...plain, rows }, since)
      assert.ok(lines.length < rows, `${lines.length} of ${rows}`)
      assert.match(lines.join('\n'), /● Push template/)
    }
  })

  test('it is at the step that runs, also where one beside that has failed, and shows that one in the least room', () => {
    const siblings = [
      makeStep({ id: 1, displayName: 'Build', status: 'failed', error: 'One.\nTwo.\nThree.' }),
      makeStep({ id: 2, displayName: 'Scan', status: 'running', sequence: 2 }),
      makeStep({ id: 3, displayName: 'Ship', sequence: 3 }),
    ]
    assert.match(drawRun(run, siblings, plain, since).at(-1) ?? '', /Step 2 of 3: Scan$/)
    assert.match(drawRun(run, siblings, { ...plain, rows: 5 }, since).join('\n'), /● Scan/)
  })

  test('what a handler reports cannot move the cursor', () => {
    const nasty = makeStep({ id: 5, displayName: 'a\x1b[2Jb', status: 'running', message: 'x\r\n\x1b]0;title\x07y' })
    for (const line of drawRun(run, [nasty], plain, since))
      assert.equal(line, clean(line) && line.replace(/\p{Cc}/gu, ''))
  })

  test('colour changes no text', () => {
    const painted = drawRun(run, steps, { ...plain, color: true }, since)
    assert.deepEqual(
      painted.map((line) => stripVTControlCharacters(line)),
      drawRun(run, steps, plain, since),
    )
    assert.notDeepEqual(painted, drawRun(run, steps, plain, since))
  })

  test('a failed step shows its reason below it', () => {
    const failed = makeStep({
      id: 6,
      displayName: 'Create',
      status: 'failed',
      error: 'The name is taken.\nPick another.',
    })
    const text = drawRun(makeRun({ status: 'failed' }), [failed], plain, since).join('\n')
    assert.match(text, /✗ Create\n {4}The name is taken\.\n {4}Pick another\./)
  })
})

describe('without a terminal', () => {
  const running = { run: makeRun({ status: 'running' }), steps: [makeStep({ id: 1, status: 'running', progress: 11 })] }

  test('a change is a line', () => {
    const steps = [makeStep({ id: 1, status: 'completed', progress: 100, duration: 1_500 })]
    assert.deepEqual(describeChanges(running, { ...running, steps }), ['  ✓ Work: completed in 1.5 s'])
  })

  test('a tick within the same tenth is no line, a new message is', () => {
    const tick = (change: object) =>
      describeChanges(running, { ...running, steps: [{ ...running.steps[0], ...change } as never] })
    assert.deepEqual(tick({ progress: 19 }), [])
    assert.deepEqual(tick({ progress: 20 }), ['  ● Work: running, 20 %'])
    assert.deepEqual(tick({ message: 'half' }), ['  ● Work: running, 11 %: half'])
  })

  test('nothing is redrawn', () => {
    assert.equal(new Screen({ write: () => true, isTTY: false }, true).live, false)
  })
})

test('a line printed while a block stands goes above it', () => {
  const written: string[] = []
  const screen = new Screen(
    { write: (part: string) => written.push(part) > 0, isTTY: true, columns: 80, rows: 24 } as never,
    false,
  )
  screen.draw(['one', 'two'])
  screen.print('news')
  assert.equal(written.at(-1), '\x1b[2A\x1b[0Jnews\none\ntwo\n')
})

test('a long name leaves the numbers of the statistics in the terminal, and is whole in a pipe', () => {
  const numbers = { runs: 12, failed: 0, retries: 3, successRate: 1, averageDuration: 400, p50Duration: 400 }
  const name = 'import_customers_'.repeat(9)
  const all = [{ workflow: name, steps: [], ...numbers, p95Duration: 65_000 } as never]
  for (const columns of [80, 100]) {
    const [, row = ''] = drawTable(all, columns)
    assert.equal(width(row), columns)
    assert.match(row, /^import_c\S+… +12 +100\.0 % .* 1 min 05 s$/)
  }
  assert.ok(drawTable(all)[1]?.startsWith(name))
})

test('durations read like words', () => {
  const said = [0, 400, 9_960, 12_300, 59_700, 65_000, 7_620_000].map(duration)
  assert.deepEqual(said, ['0.0 s', '0.4 s', '10 s', '12 s', '1 min 00 s', '1 min 05 s', '2 h 07 min'])
})

test('a cut text is as wide as it may be and not wider', () => {
  assert.equal(cut('abcdef', 4), 'abc…')
  assert.equal(cut('推送项目', 5), '推送…')
  assert.equal(cut('abc', 3), 'abc')
  assert.equal(cut('abc', 0), '')
})
