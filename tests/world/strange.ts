import type { Bench } from '../server/bench.ts'

const BOM = '\u{feff}'

/** What a line-based format may trip over. NUL is not among them: Postgres keeps none. */
export const STRANGE = [
  'CR\rLF\nCRLF\r\nLFCR\n\rend\n\n',
  'data: not a field\n\nevent: end\ndata: {}\n\n',
  `${BOM}id: 7${BOM}`,
  'separators \u{2028}\u{2029}\u{85}\u{b}\u{c}',
  'emoji 👩‍👩‍👧‍👦🇨🇳 and half a bar ▌ 进度',
  ': comment',
  '\t trailing blank ',
]

/** A run that is running, with every strange text in its log and the last of them as its step's message. */
export async function openStrangeRun({ sql, openRun }: Bench, texts = STRANGE): Promise<string> {
  const run = await openRun()
  await sql("select stepcast.begin_step($1, 'load')", run)
  for (const text of texts) await sql("select stepcast.log_line($1, 'load', 'info', $2)", run, text)
  await sql("select stepcast.report_step($1, 'load', 50, $2)", run, texts.at(-1))
  return run
}

export async function finish({ sql }: Bench, run: string): Promise<void> {
  await sql("select stepcast.complete_step($1, 'load')", run)
  await sql('select stepcast.finish_run($1)', run)
}

export interface Heard {
  name: string
  id: string
  data: string
}

/** The texts of all log lines, as a client has them. */
export function textsIn(heard: Heard[]): string[] {
  const batches = heard
    .filter(({ name }) => name === 'log')
    .map(({ data }) => JSON.parse(data) as { lines: { message: string }[] })
  return batches.flatMap(({ lines }) => lines.map(({ message }) => message))
}
