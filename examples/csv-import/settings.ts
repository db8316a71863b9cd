import { resolve } from 'node:path'

const KIB = 1_024

/**
 * The size of a chunk, which is one sub-step: a crash loses that much, and it is loaded again. Its transaction should
 * stay short.
 */
export const chunkBytes = Number(process.env.CSV_IMPORT_CHUNK_KIB ?? 1_024) * KIB

/** The file that `stepcast dev` imports; created if it does not exist. */
export const sampleFile = resolve('.stepcast/csv-import/readings.csv')
