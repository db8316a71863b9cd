import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

const NEWLINE = 0x0a
const QUOTE = 0x22
const LONGEST = 64 * 1_024 * 1_024

/** A position between two records. `line` counts from 1, as editors do. */
export interface Place {
  byte: number
  line: number
}

export interface Chunk {
  bytes: Buffer
  end: Place
}

/** Reads whole records from a place on: about as many bytes as wanted, more if one record is longer. */
export async function readChunk(file: FileHandle, start: Place, wantedBytes: number): Promise<Chunk> {
  const bytes = await readBytes(file, start.byte, wantedBytes)
  const { length, lines } = bytes.length < wantedBytes ? whole(bytes) : wholeRecords(bytes)
  if (length > 0) {
    return { bytes: bytes.subarray(0, length), end: { byte: start.byte + length, line: start.line + lines } }
  }
  if (wantedBytes >= LONGEST) throw new Error(`The record of line ${start.line} does not end: is a quote left open?`)
  return readChunk(file, start, 2 * wantedBytes)
}

export async function readBytes(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, start)
  return buffer.subarray(0, bytesRead)
}

export function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Everything up to the end of the file, whose last line may lack its line end. */
function whole(bytes: Buffer): { length: number; lines: number } {
  return { length: bytes.length, lines: bytes.filter((byte) => byte === NEWLINE).length }
}

/**
 * Everything up to the end of the last whole record. A line end inside quotes ends no record; a quote inside quotes is
 * written twice.
 */
function wholeRecords(bytes: Buffer): { length: number; lines: number } {
  let quoted = false
  let seen = 0
  let found = { length: 0, lines: 0 }
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) quoted = !quoted
    if (bytes[at] !== NEWLINE) continue
    seen++
    if (!quoted) found = { length: at + 1, lines: seen }
  }
  return found
}
