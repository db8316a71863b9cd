import type { LogLine } from '../db/contract.ts'

/**
 * Reads a response with log lines as it arrives, whole lines at a time, until its end or until `onLines` returns true.
 * Rejects if it ends within a line: it was cut off, or is something else, such as a page to sign in.
 */
export async function readLines(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLines: (lines: LogLine[]) => boolean,
): Promise<void> {
  let rest = ''
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const texts = (rest + next.value).split('\n')
    rest = texts.pop() ?? ''
    if (onLines(texts.map((text) => JSON.parse(text)))) return await reader.cancel()
  }
  if (rest !== '') throw new Error('The log ends within a line')
}
