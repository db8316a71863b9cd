import type { Context } from './workflow.ts'

/** Checks that the table has as many rows of this run as were copied. */
export async function verify(ctx: Context<{ load: { rows: number } }>): Promise<{ rows: number }> {
  const { rows } = ctx.results.load
  const counted = await ctx.tx.query<{ rows: number }>(
    'select count(*)::integer as rows from readings where run_id = $1',
    [ctx.run.id],
  )
  if (counted.rows[0]?.rows !== rows) throw new Error(`The table has ${counted.rows[0]?.rows} rows, not ${rows}.`)
  return { rows }
}
