/** A run by its id, or the newest run under an application's key. */
export type Target = { run: string } | { workflow: string; key: string }

export function nameOf(target: Target): string {
  return JSON.stringify('run' in target ? [target.run] : [target.workflow, target.key])
}

/** Where it stands below the server's mount point. */
export function pathOf(target: Target): string {
  if ('run' in target) return `/runs/${encodeURIComponent(target.run)}`
  return `/workflows/${encodeURIComponent(target.workflow)}/keys/${encodeURIComponent(target.key)}`
}
