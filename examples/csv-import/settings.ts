import { resolve } from 'node:path'

const KIB = 1_024

/** What one sub-step loads: that much is lost by a crash, and begun again. Its transaction should stay short. */
export const chunkBytes = Number(process.env.CSV_IMPORT_CHUNK_KIB ?? 1_024) * KIB

/** The file that `stepcast dev` imports; made when it is not there. */
export const sampleFile = resolve('.stepcast/csv-import/readings.csv')
