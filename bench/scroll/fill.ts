import type { Client } from 'pg'

export const STEPS = 1_000
export const LINES = 100_000
/** The step that is running. */
const RUNNING = `step_${STEPS / 2}`

/** Creates a run of many steps, half of them completed and one running, with a long log; resolves to its id. */
export async function fill(client: Client): Promise<string> {
  const steps = Array.from({ length: STEPS }, (_, at) => ({ step: `step_${at}`, displayName: `Step ${at}` }))
  const { rows } = await client.query<{ run: string }>("select stepcast.open_run('many', $1) as run", [
    JSON.stringify(steps),
  ])
  const run = rows[0]?.run ?? ''
  for (const { step } of steps.slice(0, STEPS / 2)) {
    await client.query('select stepcast.begin_step($1, $2)', [run, step])
    await client.query('select stepcast.complete_step($1, $2)', [run, step])
  }
  await client.query('select stepcast.begin_step($1, $2)', [run, RUNNING])
  // at once, without triggers: otherwise each line would make a version of its run
  await client.query('set session_replication_role = replica')
  await client.query(
    `insert into stepcast.logs (run_id, tenant, line, step_id, revision, at, level, message)
     select r.id, r.tenant, n, s.id, r.revision, now(), case n % 50 when 0 then 'warn' else 'info' end,
       repeat('Line of a log that is as long as some are. ', n % 5 + 1) || n
     from stepcast.runs r
     join stepcast.steps s on s.run_id = r.id and s.step = '${RUNNING}'
     cross join generate_series(1, ${LINES}) n
     where r.id = $1`,
    [run],
  )
  await client.query(`update stepcast.runs set log_lines = ${LINES} where id = $1`, [run])
  await client.query('reset session_replication_role')
  return run
}

/** Reports progress of the running step. */
export async function report(client: Client, run: string, number: number): Promise<void> {
  const progress = Math.min(99, number)
  await client.query('select stepcast.report_step($1, $2, $3, $4)', [run, RUNNING, progress, `Report ${number}`])
}
