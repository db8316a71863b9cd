import { styleText } from 'node:util'
import { openDatabase } from '../database.ts'
import { examine } from '../doctor/examine.ts'
import type { Finding } from '../doctor/finding.ts'
import { openPool } from '../pool.ts'
import { readSettings } from '../settings.ts'
import { asJson, clean } from '../terminal/text.ts'

const MARKS = { ok: styleText('green', 'ok  '), warn: styleText('yellow', 'warn'), fail: styleText('red', 'FAIL') }

/** Exit code 1 if a check fails; warnings and checks without a result leave it 0. */
export default async function doctor({ json = false }: { json?: boolean }): Promise<number> {
  const settings = readSettings()
  await using database = await openDatabase(settings)
  await using db = openPool(database.url)
  const directUrl = settings.STEPCAST_LISTEN_URL ?? database.url
  let code = 0
  for await (const finding of examine({ settings, pool: db.pool, directUrl })) {
    process.stdout.write(`${json ? asJson(finding) : draw(finding)}\n`)
    if (finding.state === 'fail') code = 1
  }
  return code
}

/** What it says may name a step, which is whatever a caller has written. */
function draw({ check, state, says, advice }: Finding): string {
  const line = `${MARKS[state]}  ${check.padEnd(13)} ${clean(says)}`
  return advice === undefined ? line : `${line}\n${' '.repeat(20)}${styleText('dim', clean(advice))}`
}
